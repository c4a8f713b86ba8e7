/**
 * How a region's Kafka cluster is made to refuse writes, and let in again: by the lease that its brokers hold, or by ACLs.
 * It may import the runner's SPI, {@code io.breakwater.controller.core}, the vocabulary and the clients of a region.
 */
@NullMarked
package io.breakwater.controller.fence;

import org.jspecify.annotations.NullMarked;
