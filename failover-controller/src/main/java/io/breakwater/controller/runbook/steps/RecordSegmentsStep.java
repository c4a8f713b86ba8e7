package io.breakwater.controller.runbook.steps;

import io.breakwater.controller.core.ControlEvent;
import io.breakwater.controller.core.Denial;
import io.breakwater.controller.core.GroupState;
import io.breakwater.controller.core.Reply;
import io.breakwater.controller.runbook.Preview;
import io.breakwater.controller.runbook.RunbookStep;
import io.breakwater.controller.runbook.StepContext;
import io.breakwater.controller.runbook.StepOutcome;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.Segment;
import io.breakwater.platform.Segment.Range;
import io.breakwater.platform.SegmentHistory;
import io.breakwater.region.GroupTopics;
import io.breakwater.region.MirrorTail;
import io.breakwater.region.MirrorTail.Tail;
import io.breakwater.region.RegionClients;
import java.time.Instant;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Uuid;

/**
 * Records where the fenced flow ended, for each partition of the group: in the group's state through consensus, where
 * it is kept, and as {@link Segments}, its detail. Needs {@link FenceMirrorStep} done, so that the ends are final, and
 * the region not yet opened.
 *
 * <p>Invariant: an end is at or past the flow's beginning; nothing that was on the target before the flow began counts.
 */
public final class RecordSegmentsStep implements RunbookStep {

    static final String ID = "record-segments";

    private final RegionClients clients;

    public RecordSegmentsStep(RegionClients clients) {
        this.clients = clients;
    }

    @Override
    public String id() {
        return ID;
    }

    @Override
    public String preview(Preview preview) {
        return "records where the flow " + preview.flow() + " ended in each partition of "
                + preview.assets(AssetSpec.KAFKA_TOPIC);
    }

    @Override
    public StepOutcome run(StepContext context) throws InterruptedException {
        String region = context.flow().to();
        SegmentHistory history =
                context.state().group(context.group()).map(GroupState::segments).orElse(SegmentHistory.NONE);
        Optional<Segment> begun = history.last();
        if (begun.filter(segment -> !segment.flow().equals(context.flow())).isPresent()) {
            return new StepOutcome.Failed("the flow " + context.flow() + " of group " + context.group()
                    + " has not begun since the last move: region " + region + " has nothing of it");
        }
        try {
            return read(context, begun);
        } catch (KafkaException e) {
            return new StepOutcome.Failed("reading the ends of the mirror on region " + region + ": " + e);
        }
    }

    private StepOutcome read(StepContext context, Optional<Segment> begun) throws InterruptedException {
        String region = context.flow().to();
        Admin admin = clients.admin(region);
        SortedMap<PartitionKey, Range> begins =
                new TreeMap<>(begun.map(Segment::partitions).orElse(new TreeMap<>()));
        SortedSet<PartitionKey> partitions = new TreeSet<>(
                new GroupTopics(context.platform().group(context.group())).partitions(admin, Instant.now()));
        // A transaction of the mirror that was about to commit when it was fenced still becomes visible, and one whose
        // markers a broker has forgotten would stay open.
        SortedSet<PartitionKey> unstable = new OpenTransactions(clients, region).await(partitions, context.deadline());
        if (!unstable.isEmpty()) {
            return new StepOutcome.Failed(
                    "region " + region + ": transactions are still open on " + unstable + " after the fence");
        }
        partitions.addAll(begins.keySet());
        partitions.forEach(partition -> begins.putIfAbsent(partition, Range.WHOLE));
        SortedMap<PartitionKey, Long> targetBegins = new TreeMap<>();
        begins.forEach((partition, range) -> targetBegins.put(partition, range.targetFrom()));
        try (MirrorTail tail = new MirrorTail(clients.kafka(region))) {
            Optional<Uuid> source = begun.flatMap(Segment::sourceClusterId)
                    .map(Uuid::fromString)
                    .or(() -> tail.sourceClusterId(partitions));
            return record(
                    context, begun, begins, source, tail.read(source.orElse(Uuid.ZERO_UUID), partitions, targetBegins));
        }
    }

    private static StepOutcome record(
            StepContext context,
            Optional<Segment> begun,
            SortedMap<PartitionKey, Range> begins,
            Optional<Uuid> source,
            SortedMap<PartitionKey, Tail> tails)
            throws InterruptedException {
        SortedMap<String, String> topicIds =
                new TreeMap<>(begun.map(Segment::topicIds).orElse(new TreeMap<>()));
        SortedMap<PartitionKey, Range> ranges = new TreeMap<>();
        SortedMap<PartitionKey, Segments.Segment> ends = new TreeMap<>();
        begins.forEach((partition, begin) -> {
            Tail tail = tails.getOrDefault(partition, new Tail(0, 0, Optional.empty(), Optional.empty()));
            long sourceEnd = Math.max(begin.sourceFrom(), tail.sourceEnd());
            long targetEnd = Math.max(begin.targetFrom(), tail.targetEnd());
            tail.topicId().ifPresent(id -> topicIds.put(partition.topic(), id.toString()));
            ranges.put(partition, Range.closed(begin.sourceFrom(), sourceEnd, begin.targetFrom(), targetEnd));
            ends.put(
                    partition,
                    new Segments.Segment(
                            sourceEnd, targetEnd, tail.lastTimestamp(), begin.sourceFrom(), begin.targetFrom()));
        });
        Segment segment = new Segment(
                begun.map(Segment::epoch).orElse(Epoch.FIRST),
                context.flow(),
                false,
                source.map(Uuid::toString),
                topicIds,
                ranges);
        Reply reply = context.propose(
                new ControlEvent.SegmentEnded(context.operation().id(), context.epoch(), segment));
        if (reply instanceof Reply.Refused refused) {
            return new StepOutcome.Failed(
                    refused.denials().stream().map(Denial::message).collect(Collectors.joining("; ")));
        }
        return StepOutcome.done(new Segments(segment.sourceClusterId(), ends));
    }
}
