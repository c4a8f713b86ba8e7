package io.breakwater.replicator.kafka.groups;

import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.region.KafkaAnswer;
import io.breakwater.region.MirroredThrough;
import io.breakwater.region.UnreadableStampException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;

/** Outputs on real clusters. For one thread. */
final class MirroredOutputs implements Outputs {

    private final Admin source;
    private final MirroredThrough through;

    /** @param source stays the caller's to close */
    MirroredOutputs(Admin source, Map<String, Object> sourceSettings, Map<String, Object> targetSettings) {
        this.source = source;
        this.through = new MirroredThrough(sourceSettings, targetSettings);
    }

    @Override
    public OffsetVector ends(Set<String> topics) throws InterruptedException {
        Set<String> present =
                new HashSet<>(KafkaAnswer.await(source.listTopics().names(), "list topics"));
        present.retainAll(topics);
        Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
        KafkaAnswer.await(source.describeTopics(present).allTopicNames(), "describe outputs")
                .forEach((topic, description) -> description
                        .partitions()
                        .forEach(info -> asked.put(new TopicPartition(topic, info.partition()), OffsetSpec.latest())));
        SortedMap<PartitionKey, Long> ends = new TreeMap<>();
        KafkaAnswer.await(source.listOffsets(asked).all(), "ends of outputs")
                .forEach((partition, info) -> ends.put(GroupSelection.key(partition), info.offset()));
        return new OffsetVector(ends);
    }

    @Override
    public OffsetVector through(Set<PartitionKey> partitions) {
        Set<PartitionKey> readable = new HashSet<>(partitions);
        while (true) {
            try {
                return through.read(readable).through();
            } catch (UnreadableStampException e) {
                // How far that one is mirrored is not known, so the groups that write it wait; no others do.
                if (!e.partition().map(readable::remove).orElse(false)) {
                    throw e;
                }
            }
        }
    }

    @Override
    public void close() {
        through.close();
    }
}
