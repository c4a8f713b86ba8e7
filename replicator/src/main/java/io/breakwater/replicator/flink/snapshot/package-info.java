/**
 * Reads and rewrites the metadata of Flink savepoints and checkpoints: the one place that touches Flink's internal
 * classes. It may import Flink, {@code io.breakwater.platform} and {@code io.breakwater.region.ObjectUri}.
 */
@NullMarked
package io.breakwater.replicator.flink.snapshot;

import org.jspecify.annotations.NullMarked;
