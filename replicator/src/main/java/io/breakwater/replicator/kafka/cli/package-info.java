/**
 * The commands that work on two clusters and the stamp alone: no controller, no platform file. It may import
 * {@code io.breakwater.region}, {@code io.breakwater.cli}, the vocabulary, Kafka's clients and picocli.
 */
@NullMarked
package io.breakwater.replicator.kafka.cli;

import org.jspecify.annotations.NullMarked;
