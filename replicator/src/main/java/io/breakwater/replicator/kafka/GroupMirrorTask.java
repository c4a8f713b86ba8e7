package io.breakwater.replicator.kafka;

import io.breakwater.platform.AssetId;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.ReplicaPosition;
import io.breakwater.region.GroupTopics;
import io.breakwater.region.KafkaAnswer;
import io.breakwater.region.KafkaSettings;
import io.breakwater.region.PositionTranslator;
import io.breakwater.region.PositionTranslator.Translation;
import io.breakwater.region.StandbyGroups;
import io.breakwater.replicator.FlowConfig;
import io.breakwater.replicator.receipts.ReceiptRecords;
import io.breakwater.replicator.receipts.ReceiptTask;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListGroupsOptions;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/** The task of {@link GroupMirrorConnector}. */
public final class GroupMirrorTask extends ReceiptTask {

    private @Nullable Clients clients;
    private @Nullable Uuid sourceClusterId;
    private List<Pattern> patterns = List.of();
    private final Map<String, GroupState> written = new TreeMap<>();

    private record Clients(
            Admin source, Admin target, PositionTranslator translator, StandbyGroups standby, GroupTopics topics) {}

    /** What was last written for a group: source positions, and what they were on the target. */
    private record GroupState(OffsetVector committed, SortedMap<PartitionKey, Translation> translations) {

        static final GroupState NONE = new GroupState(OffsetVector.EMPTY, new TreeMap<>());

        /** Whether a translation of this position would find the same again, whatever the mirror has brought since. */
        boolean settles(PartitionKey partition, long position) {
            Translation known = translations.get(partition);
            return known != null
                    && !known.pastTail()
                    && committed.end(partition).orElse(-1) == position;
        }
    }

    @Override
    protected void open(FlowConfig config) {
        Map<String, Object> target = KafkaSettings.mirror(config.to().kafka());
        Admin standby = Admin.create(target);
        clients = new Clients(
                Admin.create(KafkaSettings.mirror(config.from().kafka())),
                standby,
                new PositionTranslator(target),
                new StandbyGroups(standby),
                new GroupTopics(config.group()));
        patterns = config.group().patterns(AssetSpec.CONSUMER_GROUP).stream()
                .map(Pattern::compile)
                .toList();
    }

    @Override
    protected List<SourceRecord> turn(ReceiptRecords receipts, Instant now) throws InterruptedException {
        if (clients == null) {
            return List.of();
        }
        Uuid cluster = clusterId(clients);
        Map<String, OffsetVector> committed = committed(clients);
        written.keySet().retainAll(committed.keySet());
        receipts.retain(committed.keySet().stream().map(GroupMirrorTask::asset).toList());
        Set<String> active = clients.standby().active(committed.keySet());
        // What members commit on the standby is not what was written here: begin anew when they are gone.
        written.keySet().removeAll(active);
        List<SourceRecord> records = new ArrayList<>();
        for (Map.Entry<String, OffsetVector> group : committed.entrySet()) {
            if (!active.contains(group.getKey())) {
                mirror(clients, cluster, group.getKey(), group.getValue());
            }
            records.add(receipts.announce(asset(group.getKey()), ReplicaPosition.ofGroup(now, group.getValue()), now));
        }
        return records;
    }

    /** Translates what has changed or was past the mirror's tail, and writes what came out different. */
    private void mirror(Clients with, Uuid cluster, String group, OffsetVector committed) throws InterruptedException {
        GroupState before = written.getOrDefault(group, GroupState.NONE);
        SortedMap<PartitionKey, Long> unsettled = new TreeMap<>(committed.ends());
        unsettled.entrySet().removeIf(e -> before.settles(e.getKey(), e.getValue()));
        if (unsettled.isEmpty()) {
            return;
        }
        SortedMap<PartitionKey, Translation> translations = new TreeMap<>(before.translations());
        translations.keySet().retainAll(committed.ends().keySet());
        translations.putAll(with.translator().search(cluster, new OffsetVector(unsettled)));
        SortedMap<PartitionKey, Long> changed = new TreeMap<>();
        translations.forEach((partition, translation) -> {
            Translation known = before.translations().get(partition);
            if (known == null || known.offset() != translation.offset()) {
                changed.put(partition, translation.offset());
            }
        });
        if (!changed.isEmpty()) {
            with.standby().write(group, changed);
        }
        written.put(group, new GroupState(committed, translations));
    }

    /** The positions of the matching groups in the protection group's topics. */
    private Map<String, OffsetVector> committed(Clients with) throws InterruptedException {
        List<String> groups =
                KafkaAnswer.await(
                                with.source()
                                        .listGroups(ListGroupsOptions.forConsumerGroups())
                                        .all(),
                                "list groups")
                        .stream()
                        .map(GroupListing::groupId)
                        .filter(id -> patterns.stream()
                                .anyMatch(pattern -> pattern.matcher(id).matches()))
                        .toList();
        if (groups.isEmpty()) {
            return Map.of();
        }
        Map<String, Map<TopicPartition, OffsetAndMetadata>> offsets = KafkaAnswer.await(
                with.source()
                        .listConsumerGroupOffsets(groups.stream()
                                .collect(Collectors.toMap(id -> id, id -> new ListConsumerGroupOffsetsSpec())))
                        .all(),
                "list positions of groups");
        Map<String, OffsetVector> committed = new TreeMap<>();
        offsets.forEach((group, positions) -> {
            SortedMap<PartitionKey, Long> ends = new TreeMap<>();
            positions.forEach((partition, position) -> {
                if (position != null && with.topics().contains(partition.topic())) {
                    ends.put(new PartitionKey(partition.topic(), partition.partition()), position.offset());
                }
            });
            committed.put(group, new OffsetVector(ends));
        });
        return committed;
    }

    private Uuid clusterId(Clients with) throws InterruptedException {
        if (sourceClusterId == null) {
            sourceClusterId = Uuid.fromString(
                    KafkaAnswer.await(with.source().describeCluster().clusterId(), "id of the source cluster"));
        }
        return Objects.requireNonNull(sourceClusterId);
    }

    private static AssetId asset(String group) {
        return new AssetId(AssetSpec.CONSUMER_GROUP, group);
    }

    @Override
    public void stop() {
        if (clients != null) {
            clients.translator().close();
            clients.source().close(Duration.ofSeconds(1));
            clients.target().close(Duration.ofSeconds(1));
        }
    }
}
