/**
 * The commands for one Flink snapshot: no controller, no Connect, no platform file. It may import
 * {@code io.breakwater.replicator.flink.snapshot} and {@code copy}, the clusters and messages of
 * {@code io.breakwater.replicator.kafka.cli}, {@code io.breakwater.region}, {@code io.breakwater.cli}, the vocabulary and
 * picocli.
 */
@NullMarked
package io.breakwater.replicator.flink.cli;

import org.jspecify.annotations.NullMarked;
