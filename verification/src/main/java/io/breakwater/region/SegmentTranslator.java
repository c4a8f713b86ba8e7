package io.breakwater.region;

import io.breakwater.platform.Flow;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.SegmentHistory;
import io.breakwater.region.PositionTranslator.Translation;
import io.breakwater.region.PositionTranslator.Within;
import io.breakwater.region.SegmentWalk.Look.AtOrigin;
import io.breakwater.region.SegmentWalk.Look.AtStamps;
import io.breakwater.region.VisibleRecords.Range;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

/**
 * Translates positions of a flow's source into positions of its target, however often the group has moved between the
 * two. A partition of the source is a sequence of ranges; by the range that a position lies in:
 *
 * <ul>
 *   <li>Carried to the target by this flow, now or in an earlier epoch: the first record within the range's part on the
 *       target whose stamp is at or past the position. Records outside of it do not mislead, whatever they carry. If
 *       compaction or retention took the record, the next one counts; if none is left and the range is closed, the
 *       position is the next range's beginning.
 *   <li>Brought from the target by the reverse flow: the record at the position names the target's offset in its own
 *       stamp. This reads the source; with the source dead, only a position at the very beginning of the range is known,
 *       and another one is left out: what was written for the group while the source lived is then the better answer.
 *   <li>In neither, an orphan tail: the next range's beginning. What was written there never reached the target.
 * </ul>
 *
 * <p>A stamp of another topic id than the segment's is of an earlier topic of that name. If the source's topic is known
 * to be another one than when the flow began, its offsets began anew, and only what the flow carried since counts.
 *
 * <p>Thread-safe; concurrent calls wait for each other. Bounded, however many positions there are: on each cluster at most
 * as many passes as the history has segments, each over all partitions at once.
 */
public final class SegmentTranslator implements AutoCloseable {

    private final Flow flow;
    private final PositionTranslator target;
    private final Optional<VisibleRecords> source;

    /**
     * @param targetSettings client settings of the target cluster
     * @param sourceSettings of the source cluster; empty if it is dead
     */
    public SegmentTranslator(
            Flow flow, Map<String, Object> targetSettings, Optional<Map<String, Object>> sourceSettings) {
        this(flow, new PositionTranslator(targetSettings, flow.from()), sourceSettings);
    }

    /** @param target closed with this translator */
    public SegmentTranslator(Flow flow, PositionTranslator target, Optional<Map<String, Object>> sourceSettings) {
        this.flow = flow;
        this.target = target;
        this.source = sourceSettings.map(settings -> new VisibleRecords(settings, PositionTranslator.LIMIT));
    }

    /**
     * The target offsets of source positions. Left out: partitions that the target does not have, and positions that
     * cannot be told. A position {@link Translation#pastTail} changes as the flow goes on.
     *
     * @param history of the group; {@link SegmentHistory#NONE} before its first move
     * @param sourceClusterId as stamps of a flow name it of which the history does not say it
     * @param topicIds of the source's topics now, as far as they are known
     * @return by partition, what each position is
     * @throws org.apache.kafka.common.KafkaException if a cluster that has to be read does not answer
     */
    public synchronized SortedMap<PartitionKey, SortedMap<Long, Translation>> search(
            SegmentHistory history,
            Optional<Uuid> sourceClusterId,
            Map<String, Uuid> topicIds,
            Map<PartitionKey, SortedSet<Long>> sourcePositions) {
        List<SegmentWalk> walks = new ArrayList<>();
        sourcePositions.forEach((partition, positions) -> positions.forEach(position -> walks.add(new SegmentWalk(
                history,
                flow,
                partition,
                position,
                sourceClusterId,
                Optional.ofNullable(topicIds.get(partition.topic()))))));
        List<SegmentWalk> open = new ArrayList<>(walks);
        open.removeIf(walk -> walk.look().isEmpty());
        while (!open.isEmpty()) {
            searchStamps(open);
            readOrigins(open);
            open.removeIf(walk -> walk.look().isEmpty());
        }
        SortedMap<PartitionKey, SortedMap<Long, Translation>> translations = new TreeMap<>();
        walks.forEach(walk -> walk.translation()
                .ifPresent(found -> translations
                        .computeIfAbsent(walk.partition(), partition -> new TreeMap<>())
                        .put(walk.asked(), found)));
        return translations;
    }

    /** As {@link #search}, one position a partition, offsets only. */
    public SortedMap<PartitionKey, Long> translate(
            SegmentHistory history, Optional<Uuid> sourceClusterId, OffsetVector sourcePositions) {
        Map<PartitionKey, SortedSet<Long>> positions = new HashMap<>();
        sourcePositions.ends().forEach((partition, at) -> positions.put(partition, new TreeSet<>(Set.of(at))));
        SortedMap<PartitionKey, Long> offsets = new TreeMap<>();
        search(history, sourceClusterId, Map.of(), positions)
                .forEach((partition, found) -> found.values().forEach(t -> offsets.put(partition, t.offset())));
        return offsets;
    }

    /** Of each cluster and partition one range a round, with all positions that are looked for in it. */
    private void searchStamps(List<SegmentWalk> open) {
        Map<Uuid, Map<PartitionKey, Within>> ranges = new HashMap<>();
        Map<Uuid, Map<PartitionKey, SortedSet<Long>>> positions = new HashMap<>();
        List<SegmentWalk> searched = new ArrayList<>();
        for (SegmentWalk walk : open) {
            if (walk.look().orElse(null) instanceof AtStamps look) {
                Within first = ranges.computeIfAbsent(look.clusterId(), id -> new HashMap<>())
                        .computeIfAbsent(walk.partition(), partition -> look.within());
                if (first.equals(look.within())) {
                    positions
                            .computeIfAbsent(look.clusterId(), id -> new HashMap<>())
                            .computeIfAbsent(walk.partition(), partition -> new TreeSet<>())
                            .add(look.position());
                    searched.add(walk);
                }
            }
        }
        Map<Uuid, Map<PartitionKey, SortedMap<Long, Translation>>> found = new HashMap<>();
        positions.forEach((cluster, wanted) ->
                found.put(cluster, target.searchAll(cluster, wanted, ranges.getOrDefault(cluster, Map.of()))));
        for (SegmentWalk walk : searched) {
            if (walk.look().orElse(null) instanceof AtStamps look) {
                walk.stampsRead(Optional.ofNullable(found.get(look.clusterId()))
                        .map(partitions -> partitions.get(walk.partition()))
                        .map(translations -> translations.get(look.position())));
            }
        }
    }

    /** All that is to be read on the source, each partition on its own way. */
    private void readOrigins(List<SegmentWalk> open) {
        Map<PartitionKey, List<SegmentWalk>> walks = new HashMap<>();
        for (SegmentWalk walk : open) {
            if (walk.look().orElse(null) instanceof AtOrigin) {
                if (source.isEmpty()) {
                    walk.originUnknown();
                } else {
                    walks.computeIfAbsent(walk.partition(), partition -> new ArrayList<>())
                            .add(walk);
                }
            }
        }
        if (source.isPresent() && !walks.isEmpty()) {
            Map<TopicPartition, OriginReads> reads = new HashMap<>();
            Map<TopicPartition, Range> extents =
                    source.get().extents(source.get().present(walks.keySet()));
            walks.forEach((partition, own) -> {
                Range extent = extents.get(VisibleRecords.kafkas(partition));
                if (extent == null) {
                    own.forEach(SegmentWalk::originEmpty);
                } else {
                    reads.put(VisibleRecords.kafkas(partition), new OriginReads(own, extent));
                }
            });
            source.get().probe(reads);
        }
    }

    /** How often all partitions of a cluster were passed through together, so far: a measure of its work. */
    public synchronized int passes() {
        return target.passes() + source.map(VisibleRecords::passes).orElse(0);
    }

    @Override
    public void close() {
        target.close();
        source.ifPresent(VisibleRecords::close);
    }
}
