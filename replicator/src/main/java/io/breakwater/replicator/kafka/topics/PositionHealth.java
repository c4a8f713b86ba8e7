package io.breakwater.replicator.kafka.topics;

import io.breakwater.platform.Alarm;
import io.breakwater.platform.AssetId;
import io.breakwater.platform.Flow;
import io.breakwater.platform.MirrorHealth;
import io.breakwater.platform.MirrorHealth.Lag;
import io.breakwater.platform.PartitionKey;
import io.breakwater.region.MirroredThrough.Ends;
import io.breakwater.region.MirroredThrough.Through;
import io.breakwater.region.UnreadableStampException;
import io.breakwater.replicator.kafka.topics.SourceHistory.Look;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/** The health report on a flow's positions: lag and alarms of each partition. For one thread. */
public final class PositionHealth {

    /** What the reports are receipts of. */
    public static final AssetId REPORTER = new AssetId(MirrorHealth.ASSET_KIND, "positions");

    private static final Duration ASKED_AGAIN = Duration.ofSeconds(30);

    private final SourceHistory history;
    private final Flow flow;
    private final SortedMap<String, Refusal> refused = new TreeMap<>();

    private record Refusal(Instant since, Alarm alarm) {}

    /** @param epoch of the segment that runs; 0 if none is recorded */
    public PositionHealth(Flow flow, long epoch) {
        this.flow = flow;
        this.history = new SourceHistory(flow.from(), flow.to(), epoch);
    }

    /** Goes on where the task before ended, if that was in the same segment. */
    public void recall(String memory) {
        history.recall(memory);
    }

    public String memory() {
        return history.memory();
    }

    /** Topics that a cluster does not let be read. */
    public void refused(Collection<String> topics, Instant now) {
        topics.forEach(topic -> refused.put(topic, new Refusal(now, unreadable(topic))));
    }

    /** A record on the target whose stamp cannot be read: how far its topic is mirrored is not known. */
    public void unreadable(PartitionKey partition, UnreadableStampException stamp, Instant now) {
        refused.put(
                partition.topic(),
                new Refusal(
                        now,
                        new Alarm(
                                "unknown-stamp",
                                partition.toString(),
                                "how far topic " + partition.topic() + " is mirrored from " + flow.from() + " to "
                                        + flow.to() + " is not known, its other topics go on: " + stamp.getMessage(),
                                true)));
    }

    /** Whether a topic was refused and it is not time to try it again. */
    public boolean isRefused(String topic, Instant now) {
        Refusal refusal = refused.get(topic);
        if (refusal != null && !now.isBefore(refusal.since().plus(ASKED_AGAIN))) {
            refused.remove(topic);
        }
        return refused.containsKey(topic);
    }

    /**
     * @param ids of the source's topics
     * @param copyIds of the target's
     * @param firstFrom for target offsets, the source offset of the first record from there on that was mirrored
     */
    public MirrorHealth report(
            Through through,
            Map<String, Uuid> ids,
            Map<String, Uuid> copyIds,
            Function<Map<PartitionKey, Long>, SortedMap<PartitionKey, Long>> firstFrom,
            Instant now) {
        SortedMap<PartitionKey, Look> looks = new TreeMap<>();
        SortedMap<PartitionKey, Lag> lag = new TreeMap<>();
        through.ends().forEach((partition, ends) -> {
            long position = through.through().end(partition).orElse(ends.sourceBegin());
            Optional<Instant> waiting =
                    Optional.ofNullable(through.missingSince().get(partition));
            String topic = partition.topic();
            looks.put(partition, look(ends, position, waiting.isPresent(), ids.get(topic), copyIds.get(topic)));
            lag.put(partition, new Lag(Math.max(0, ends.sourceEnd() - position), waiting));
        });
        SortedMap<PartitionKey, Long> suspects = history.suspects(looks);
        Map<PartitionKey, Long> next = suspects.isEmpty() ? Map.of() : firstFrom.apply(suspects);
        List<Alarm> alarms = new ArrayList<>(history.observe(looks, next, now));
        // Of a topic that is gone there is nothing left to read.
        refused.keySet().retainAll(ids.keySet());
        refused.values().forEach(refusal -> alarms.add(refusal.alarm()));
        return new MirrorHealth(lag, Map.of(), alarms.stream().distinct().toList());
    }

    private static Look look(
            Ends ends, long through, boolean isWaiting, @Nullable Uuid topicId, @Nullable Uuid copyId) {
        return new Look(
                ends.sourceBegin(),
                ends.sourceEnd(),
                ends.target().sourceEnd(),
                ends.target().targetEnd(),
                through,
                isWaiting,
                Optional.ofNullable(topicId),
                ends.target().topicId(),
                Optional.ofNullable(copyId));
    }

    private Alarm unreadable(String topic) {
        return new Alarm(
                "no-permission",
                topic,
                "the flow's principal may not read topic " + topic + " on " + flow.from() + " or " + flow.to()
                        + ": allow it READ and DESCRIBE on both; its other topics go on",
                true);
    }
}
