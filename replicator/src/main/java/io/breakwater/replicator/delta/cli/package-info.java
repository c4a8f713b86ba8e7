/**
 * The commands for one table and its replica: no controller, no Connect, no platform file. It may import
 * {@code io.breakwater.replicator.delta} and {@code copy}, their stores in {@code io.breakwater.region}, the vocabulary,
 * picocli, and, to verify, {@code io.breakwater.verification.delta}.
 */
@NullMarked
package io.breakwater.replicator.delta.cli;

import org.jspecify.annotations.NullMarked;
