/**
 * How to reach a region: object store, Kafka clients, Connect and Flink over REST, stamps and positions.
 * Nothing here decides. It may import {@code io.breakwater.platform} and the clients of the servers.
 */
@NullMarked
package io.breakwater.region;

import org.jspecify.annotations.NullMarked;
