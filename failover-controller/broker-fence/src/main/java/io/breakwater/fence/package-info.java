/**
 * The broker plugin that lets ordinary principals write only while this region holds a lease.
 * Runs inside Kafka brokers: it may import the JDK, Kafka, and the Jackson and slf4j that every broker has; nothing
 * else of Breakwater.
 */
@NullMarked
package io.breakwater.fence;

import org.jspecify.annotations.NullMarked;
