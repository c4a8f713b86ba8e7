package io.breakwater.replicator.kafka;

import io.breakwater.platform.AssetId;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.Flow;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.ReplicaPosition;
import io.breakwater.platform.Segment;
import io.breakwater.platform.SegmentHistory;
import io.breakwater.region.GroupTopics;
import io.breakwater.region.KafkaSettings;
import io.breakwater.region.MirroredThrough;
import io.breakwater.region.MirroredThrough.Through;
import io.breakwater.region.SegmentTopic;
import io.breakwater.replicator.FlowConfig;
import io.breakwater.replicator.receipts.ReceiptRecords;
import io.breakwater.replicator.receipts.ReceiptTask;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/** The task of {@link TopicReceiptConnector}. */
public final class TopicReceiptTask extends ReceiptTask {

    private @Nullable Clients clients;
    private @Nullable SegmentHistory segments;

    private record Clients(
            Admin source,
            MirroredThrough through,
            GroupTopics topics,
            Map<String, Object> target,
            String group,
            Flow flow) {}

    @Override
    protected void open(FlowConfig config) {
        Map<String, Object> source = KafkaSettings.mirror(config.from().kafka());
        clients = new Clients(
                Admin.create(source),
                new MirroredThrough(source, KafkaSettings.mirror(config.to().kafka())),
                new GroupTopics(config.group()),
                KafkaSettings.mirror(config.to().kafka()),
                config.groupName(),
                config.flow());
    }

    /** The controller writes it before it lets the flow run, so one look suffices for the life of the task. */
    private Optional<Segment> running(Clients with) {
        SegmentHistory known = segments;
        if (known == null) {
            known = SegmentTopic.read(with.target(), with.group());
            segments = known;
        }
        return known.open(with.flow());
    }

    @Override
    protected List<SourceRecord> turn(ReceiptRecords receipts, Instant now) throws InterruptedException {
        if (clients == null) {
            return List.of();
        }
        SortedSet<PartitionKey> partitions = clients.topics().partitions(clients.source(), now);
        Through through = clients.through().read(partitions, running(clients));
        SortedSet<String> topics =
                partitions.stream().map(PartitionKey::topic).collect(Collectors.toCollection(TreeSet::new));
        receipts.retain(topics.stream().map(TopicReceiptTask::asset).toList());
        return topics.stream()
                .map(topic -> {
                    Through own = through.topic(topic);
                    return receipts.announce(
                            asset(topic), ReplicaPosition.ofTopic(own.sourceTime(), own.through()), now);
                })
                .toList();
    }

    private static AssetId asset(String topic) {
        return new AssetId(AssetSpec.KAFKA_TOPIC, topic);
    }

    @Override
    public void stop() {
        if (clients != null) {
            clients.through().close();
            clients.source().close(Duration.ofSeconds(1));
        }
    }
}
