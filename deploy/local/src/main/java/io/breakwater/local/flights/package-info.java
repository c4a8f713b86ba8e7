/**
 * The workload of the local platform, a process of its own: producer, consumer group and table writer, which follow the
 * route as a user's would, and journals of what servers acknowledged to them.
 * It may import {@code io.breakwater.platform} and {@code io.breakwater.region}, the other local packages, Kafka's clients, Delta Standalone,
 * Hadoop, Parquet, picocli and Jackson.
 */
@NullMarked
package io.breakwater.local.flights;

import org.jspecify.annotations.NullMarked;
