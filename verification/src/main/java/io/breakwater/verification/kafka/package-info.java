/**
 * Whether mirrored topics and group positions are what they say, found by reading the records themselves.
 * It may import the SPI, the vocabulary, {@code io.breakwater.region} and Kafka's clients; it shares no reading and no
 * searching with the replicator.
 */
@NullMarked
package io.breakwater.verification.kafka;

import org.jspecify.annotations.NullMarked;
