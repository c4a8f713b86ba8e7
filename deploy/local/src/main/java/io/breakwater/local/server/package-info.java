/**
 * The servers of a region, each a process of its own: Kafka, S3, Flink, Breakwater's parts. Usable one by one in tests.
 * May import {@code io.breakwater.local.process}, {@code io.breakwater.platform} and {@code io.breakwater.region}.
 */
@NullMarked
package io.breakwater.local.server;

import org.jspecify.annotations.NullMarked;
