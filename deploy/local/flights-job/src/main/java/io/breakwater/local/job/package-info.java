/**
 * The Flink job of the local platform: delays by airport, exactly once from topic to topic; and one with large state.
 * It may import Flink, its Kafka connector, the Kafka client and Jackson; it runs in Flink's class loader.
 */
@NullMarked
package io.breakwater.local.job;

import org.jspecify.annotations.NullMarked;
