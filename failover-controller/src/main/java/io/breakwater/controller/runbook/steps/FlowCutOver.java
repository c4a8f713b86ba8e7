package io.breakwater.controller.runbook.steps;

import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.controller.core.ControlState;
import io.breakwater.controller.core.GroupState;
import io.breakwater.controller.core.Operation;
import io.breakwater.controller.core.StepRun;
import io.breakwater.platform.Flow;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.Platform;
import io.breakwater.platform.Segment;
import io.breakwater.platform.Segment.Range;
import io.breakwater.region.GroupTopics;
import io.breakwater.region.KafkaAnswer;
import io.breakwater.region.RegionClients;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;

/**
 * Finds where a flow begins after a move: on its source exactly where the ended flow of the other direction had come
 * to, so that nothing which that one brought goes back; on its target behind all that is there, so that an orphan tail
 * stays as it is.
 *
 * <p>Invariants: the target holds no record behind the ends in the loss ledger, so that none is lost unlisted; no
 * transaction is open there. Both clusters must answer. Methods throw KafkaException if one does not.
 */
public final class FlowCutOver {

    private static final String LEDGER_STEP = "export-loss-ledger";

    private final Platform platform;
    private final RegionClients clients;

    public FlowCutOver(Platform platform, RegionClients clients) {
        this.platform = platform;
        this.clients = clients;
    }

    /** Where the flow begins, or why it cannot yet. */
    public sealed interface Found {

        /** @param logBegins by region, the first offsets that its cluster still has, where they are above 0 */
        record Begin(Segment segment, SortedMap<String, OffsetVector> logBegins) implements Found {}

        record NotYet(String reason) implements Found {}
    }

    /** Of the flow that the group's standby needs now, in its present epoch. */
    public Found find(ControlState state, String name, GroupState group) throws InterruptedException {
        Flow flow = group.flow();
        Optional<Segment> ended = group.segments().last();
        if (ended.filter(last -> !last.open() && last.flow().equals(flow.reversed()))
                .isEmpty()) {
            return new Found.NotYet("the end of the flow " + flow.reversed() + " is not recorded");
        }
        Admin target = clients.admin(flow.to());
        GroupTopics topics = new GroupTopics(platform.group(name));
        SortedSet<PartitionKey> source = new TreeSet<>(topics.partitions(clients.admin(flow.from()), Instant.now()));
        SortedSet<PartitionKey> there =
                new TreeSet<>(new GroupTopics(platform.group(name)).partitions(target, Instant.now()));
        SortedSet<PartitionKey> unstable = new OpenTransactions(clients, flow.to()).on(there);
        if (!unstable.isEmpty()) {
            return new Found.NotYet("region " + flow.to() + ": transactions are open on " + unstable);
        }
        SortedMap<PartitionKey, Long> ends = offsets(target, there, OffsetSpec.latest());
        Optional<String> unlisted = behindTheLedger(state, name, group, ends);
        if (unlisted.isPresent()) {
            return new Found.NotYet(unlisted.get());
        }
        SortedMap<PartitionKey, Range> ranges = new TreeMap<>();
        for (PartitionKey partition : source) {
            long from = Optional.ofNullable(ended.get().partitions().get(partition))
                    .map(range -> range.targetTo().orElseThrow())
                    .orElse(0L);
            ranges.put(partition, Range.openFrom(from, ends.getOrDefault(partition, 0L)));
        }
        SortedMap<String, OffsetVector> logBegins = new TreeMap<>();
        logBegins.put(flow.from(), aboveZero(offsets(clients.admin(flow.from()), source, OffsetSpec.earliest())));
        logBegins.put(flow.to(), aboveZero(offsets(target, there, OffsetSpec.earliest())));
        return new Found.Begin(
                new Segment(
                        group.epoch(), flow, true, Optional.of(clusterId(flow.from())), topicIds(flow, source), ranges),
                logBegins);
    }

    /** What lies on the target behind the end that the ledger of this epoch lists was written after it, by whomever. */
    private static Optional<String> behindTheLedger(
            ControlState state, String name, GroupState group, Map<PartitionKey, Long> ends) {
        Optional<JsonNode> ledger = state.operations().stream()
                .filter(o -> o.group().equals(name)
                        && o.kind().equals(Operation.LEDGER)
                        && o.epoch().equals(group.epoch())
                        && o.state() == Operation.State.succeeded)
                .flatMap(o -> o.step(LEDGER_STEP).stream())
                .map(StepRun::detail)
                .reduce((older, newer) -> newer);
        if (ledger.isEmpty()) {
            return Optional.of("the loss ledger of epoch " + group.epoch() + " is not made");
        }
        SortedSet<PartitionKey> behind = new TreeSet<>(ends.keySet());
        ledger.get().path("partitions").forEach(part -> {
            PartitionKey partition = new PartitionKey(
                    part.path("topic").asText(), part.path("partition").asInt());
            if (part.path("to").asLong() == ends.getOrDefault(partition, -1L)) {
                behind.remove(partition);
            }
        });
        behind.removeIf(partition -> ends.getOrDefault(partition, 0L) == 0);
        return behind.isEmpty()
                ? Optional.empty()
                : Optional.of("region " + group.standby() + " has records on " + behind
                        + " that came after its loss ledger was made: something writes to it although it is closed");
    }

    private String clusterId(String region) throws InterruptedException {
        return KafkaAnswer.await(clients.admin(region).describeCluster().clusterId(), "cluster id of " + region);
    }

    private SortedMap<String, String> topicIds(Flow flow, Collection<PartitionKey> partitions)
            throws InterruptedException {
        SortedSet<String> topics =
                partitions.stream().map(PartitionKey::topic).collect(Collectors.toCollection(TreeSet::new));
        SortedMap<String, String> ids = new TreeMap<>();
        KafkaAnswer.await(
                        clients.admin(flow.from()).describeTopics(topics).allTopicNames(),
                        "topics of region " + flow.from())
                .forEach((topic, description) ->
                        ids.put(topic, description.topicId().toString()));
        return ids;
    }

    private static SortedMap<PartitionKey, Long> offsets(
            Admin admin, Collection<PartitionKey> partitions, OffsetSpec which) throws InterruptedException {
        Map<TopicPartition, OffsetSpec> wanted = partitions.stream()
                .collect(Collectors.toMap(p -> new TopicPartition(p.topic(), p.partition()), p -> which));
        Map<TopicPartition, ListOffsetsResultInfo> found =
                KafkaAnswer.await(admin.listOffsets(wanted).all(), "offsets of " + partitions.size() + " partitions");
        SortedMap<PartitionKey, Long> offsets = new TreeMap<>();
        found.forEach((partition, info) ->
                offsets.put(new PartitionKey(partition.topic(), partition.partition()), info.offset()));
        return offsets;
    }

    private static OffsetVector aboveZero(SortedMap<PartitionKey, Long> offsets) {
        offsets.values().removeIf(offset -> offset <= 0);
        return new OffsetVector(offsets);
    }
}
