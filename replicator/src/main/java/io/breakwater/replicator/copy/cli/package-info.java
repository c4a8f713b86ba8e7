/**
 * The commands that copy objects between two stores: no controller, no platform file. It may import
 * {@code io.breakwater.replicator.copy}, {@code io.breakwater.region}, the vocabulary and picocli.
 */
@NullMarked
package io.breakwater.replicator.copy.cli;

import org.jspecify.annotations.NullMarked;
