package io.breakwater.replicator.kafka;

import io.breakwater.platform.AssetId;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.DerivedTopics;
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
import io.breakwater.region.UnreadableStampException;
import io.breakwater.replicator.FlowConfig;
import io.breakwater.replicator.kafka.topics.DerivedGates;
import io.breakwater.replicator.kafka.topics.PositionHealth;
import io.breakwater.replicator.receipts.ReceiptRecords;
import io.breakwater.replicator.receipts.ReceiptTask;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/** The task of {@link TopicReceiptConnector}. */
public final class TopicReceiptTask extends ReceiptTask {

    private @Nullable Clients clients;
    private @Nullable SegmentHistory segments;
    private @Nullable PositionHealth health;

    private record Clients(
            Admin source,
            Admin standby,
            MirroredThrough through,
            GroupTopics topics,
            GroupTopics copies,
            Map<String, Object> target,
            String group,
            Flow flow,
            DerivedGates gates) {}

    @Override
    protected void open(FlowConfig config) {
        Map<String, Object> source = KafkaSettings.mirror(config.from().kafka());
        Map<String, Object> target = KafkaSettings.mirror(config.to().kafka());
        clients = new Clients(
                Admin.create(source),
                Admin.create(target),
                new MirroredThrough(source, target),
                new GroupTopics(config.group()),
                new GroupTopics(config.group()),
                target,
                config.groupName(),
                config.flow(),
                new DerivedGates(DerivedTopics.of(config.group()), config.groupName(), config.flow(), target));
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
        Optional<Segment> running = running(clients);
        PositionHealth reporter = reporter(clients, running, receipts);
        SortedSet<PartitionKey> partitions = new TreeSet<>(clients.topics().partitions(clients.source(), now));
        partitions.removeIf(partition -> reporter.isRefused(partition.topic(), now));
        Through through = onPurpose(clients.gates(), read(clients, partitions, running, reporter, now), now);
        clients.copies().partitions(clients.standby(), now);
        SortedSet<String> topics =
                partitions.stream().map(PartitionKey::topic).collect(Collectors.toCollection(TreeSet::new));
        List<AssetId> assets =
                new ArrayList<>(topics.stream().map(TopicReceiptTask::asset).toList());
        assets.add(PositionHealth.REPORTER);
        receipts.retain(assets);
        List<SourceRecord> records = new ArrayList<>();
        topics.forEach(topic -> {
            Through own = through.topic(topic);
            records.add(receipts.announce(asset(topic), ReplicaPosition.ofTopic(own.sourceTime(), own.through()), now));
        });
        records.add(receipts.report(
                PositionHealth.REPORTER,
                reporter.report(
                        through, clients.topics().ids(), clients.copies().ids(), clients.through()::firstFrom, now),
                reporter.memory(),
                now));
        return records;
    }

    /** What is held back at its gate is no lag: a recovery point wants nothing of it. */
    private static Through onPurpose(DerivedGates gates, Through through, Instant now) {
        return through.except(partition ->
                gates.isHeldBack(partition, through.through().end(partition).orElse(0), now));
    }

    /** Goes on where the task before ended, if that was in the same segment. */
    private PositionHealth reporter(Clients with, Optional<Segment> running, ReceiptRecords receipts) {
        PositionHealth known = health;
        if (known == null) {
            known = new PositionHealth(
                    with.flow(),
                    running.map(segment -> segment.epoch().number()).orElse(0L));
            receipts.remembered(PositionHealth.REPORTER, context.offsetStorageReader())
                    .ifPresent(known::recall);
            health = known;
        }
        return known;
    }

    /** A topic that may not be read, or has a stamp that cannot be, is left out for a while, and the others go on. */
    private static Through read(
            Clients with,
            SortedSet<PartitionKey> partitions,
            Optional<Segment> running,
            PositionHealth reporter,
            Instant now) {
        try {
            return with.through().read(partitions, running);
        } catch (TopicAuthorizationException e) {
            if (e.unauthorizedTopics().isEmpty()) {
                throw e;
            }
            reporter.refused(e.unauthorizedTopics(), now);
            partitions.removeIf(partition -> e.unauthorizedTopics().contains(partition.topic()));
            return read(with, partitions, running, reporter, now);
        } catch (UnreadableStampException e) {
            PartitionKey at = e.partition().orElseThrow(() -> e);
            reporter.unreadable(at, e, now);
            if (!partitions.removeIf(partition -> partition.topic().equals(at.topic()))) {
                throw e;
            }
            return read(with, partitions, running, reporter, now);
        }
    }

    private static AssetId asset(String topic) {
        return new AssetId(AssetSpec.KAFKA_TOPIC, topic);
    }

    @Override
    public void stop() {
        if (clients != null) {
            clients.gates().close();
            clients.through().close();
            clients.source().close(Duration.ofSeconds(1));
            clients.standby().close(Duration.ofSeconds(1));
        }
    }
}
