package io.breakwater.replicator.flink.snapshot;

import io.breakwater.platform.OffsetVector;
import java.util.SortedSet;

/**
 * A KafkaSource in a snapshot.
 *
 * @param id the operator's id in hexadecimal, unique in the snapshot
 * @param label the operator's uid or name, with its id, for people
 * @param positions the next offset to read of each partition that it has begun to read
 * @param topics that it knows, also those of which it has begun no partition
 */
public record KafkaSourceOperator(String id, String label, OffsetVector positions, SortedSet<String> topics) {}
