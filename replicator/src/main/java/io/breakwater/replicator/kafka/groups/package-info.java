/**
 * Positions of groups, followed on the source and kept on the standby: where they come from, what is to be written when.
 * It may import {@code io.breakwater.platform}, {@code .region} and Kafka's clients.
 */
@NullMarked
package io.breakwater.replicator.kafka.groups;

import org.jspecify.annotations.NullMarked;
