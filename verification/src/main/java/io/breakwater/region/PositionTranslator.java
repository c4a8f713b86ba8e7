package io.breakwater.region;

import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

/**
 * Finds the position on a mirrored partition that means the same as a position on its source: the first record whose
 * stamp is at or past the source position (the rule is {@link PartitionSearch}'s). The search halves the partition; all
 * partitions are searched side by side with one consumer, and none waits for another. It needs only the target, so it works with the source dead.
 *
 * <p>It relies on stamps growing along the partition, that is on a mirror that writes exactly once. Where the records
 * are from before the stamp was switched on, MirrorMaker's offset syncs answer, if they are known, else the partition's
 * first record: too early, never too late, and not {@link Translation#exact}.
 *
 * <p>Thread-safe; concurrent calls wait for each other. Bounded: a call fails after {@link #LIMIT} without a record.
 */
public final class PositionTranslator implements AutoCloseable {

    /** Of the wait for the next record of any partition. */
    public static final Duration LIMIT = Duration.ofSeconds(30);

    private final VisibleRecords target;
    private final Optional<OffsetSyncs> syncs;

    /**
     * @param offset on the target
     * @param pastTail whether no record there is at or past the source position yet: {@code offset} is then the end,
     *     and stands too early or too late as soon as the mirror goes on
     * @param exact whether no record from {@code offset} on is before the source position; if not, some are read again
     */
    public record Translation(long offset, boolean pastTail, boolean exact) {

        public Translation(long offset, boolean pastTail) {
            this(offset, pastTail, true);
        }
    }

    /**
     * Where on the target a position is looked for: the target range of a {@link io.breakwater.platform.Segment}.
     *
     * @param from inclusive
     * @param to exclusive; empty for the target's last stable offset
     * @param topicId of the source's topic that the position is of: stamps of another one are an earlier topic's, which
     *     lie before. Empty if any counts
     */
    public record Within(long from, OptionalLong to, Optional<Uuid> topicId) {

        static final Within EVERYWHERE = new Within(0, OptionalLong.empty(), Optional.empty());
    }

    /** @param targetSettings client settings of the target cluster */
    public PositionTranslator(Map<String, Object> targetSettings) {
        this(targetSettings, Optional.empty());
    }

    /**
     * @param targetSettings client settings of the target cluster
     * @param sourceAlias how MirrorMaker names the source, the flow's {@code from}
     */
    public PositionTranslator(Map<String, Object> targetSettings, String sourceAlias) {
        this(targetSettings, Optional.of(sourceAlias));
    }

    private PositionTranslator(Map<String, Object> targetSettings, Optional<String> sourceAlias) {
        this.target = new VisibleRecords(targetSettings, LIMIT);
        this.syncs = sourceAlias.map(alias -> new OffsetSyncs(target, alias));
    }

    /**
     * The target offsets of source positions; a partition that the target does not have is left out.
     *
     * @throws org.apache.kafka.common.KafkaException if the target does not answer
     */
    public SortedMap<PartitionKey, Long> translate(Uuid sourceClusterId, OffsetVector sourcePositions) {
        SortedMap<PartitionKey, Long> offsets = new TreeMap<>();
        search(sourceClusterId, sourcePositions)
                .forEach((partition, translation) -> offsets.put(partition, translation.offset()));
        return offsets;
    }

    /** As {@link #translate}, and says which positions are past the mirror's tail. */
    public SortedMap<PartitionKey, Translation> search(Uuid sourceClusterId, OffsetVector sourcePositions) {
        return search(sourceClusterId, sourcePositions, Map.of());
    }

    /**
     * As {@link #translate}, each partition only within its range, so that records of other origin outside of it do not
     * mislead the search. Past the tail is then: no record of the range is at or past the source position. A record
     * that compaction or retention took is replaced by the next one of the range.
     *
     * @param within by partition; one that is not there is searched as a whole
     */
    public SortedMap<PartitionKey, Translation> search(
            Uuid sourceClusterId, OffsetVector sourcePositions, Map<PartitionKey, Within> within) {
        Map<PartitionKey, SortedSet<Long>> positions = new HashMap<>();
        sourcePositions
                .ends()
                .forEach((partition, position) -> positions.put(partition, new TreeSet<>(Set.of(position))));
        SortedMap<PartitionKey, Translation> translations = new TreeMap<>();
        searchAll(sourceClusterId, positions, within)
                .forEach((partition, found) -> found.values().forEach(t -> translations.put(partition, t)));
        return translations;
    }

    /**
     * As {@link #search(Uuid, OffsetVector, Map)} for any number of positions on each partition, in one pass. It takes
     * about as long as the partition with the most places to look at.
     *
     * @return by partition, what each position is
     */
    public synchronized SortedMap<PartitionKey, SortedMap<Long, Translation>> searchAll(
            Uuid sourceClusterId,
            Map<PartitionKey, SortedSet<Long>> sourcePositions,
            Map<PartitionKey, Within> within) {
        Map<TopicPartition, PartitionSearch> searches = new HashMap<>();
        target.extents(target.present(sourcePositions.keySet())).forEach((partition, extent) -> {
            PartitionKey key = new PartitionKey(partition.topic(), partition.partition());
            Within range = within.getOrDefault(key, Within.EVERYWHERE);
            long end = Math.min(extent.to(), range.to().orElse(extent.to()));
            searches.put(
                    partition,
                    new PartitionSearch(
                            sourceClusterId,
                            range.topicId(),
                            sourcePositions.getOrDefault(key, new TreeSet<>()),
                            Math.min(end, Math.max(extent.from(), range.from())),
                            end));
        });
        target.probe(searches);
        SortedMap<PartitionKey, SortedMap<Long, Translation>> translations = new TreeMap<>();
        searches.forEach((partition, search) -> {
            PartitionKey key = new PartitionKey(partition.topic(), partition.partition());
            SortedMap<Long, Translation> found = new TreeMap<>(search.translations());
            found.replaceAll((position, t) -> t.exact() ? t : synced(key, position, t, search.ceiling(position)));
            translations.put(key, found);
        });
        return translations;
    }

    /** Between the first record of the range and the first one with a stamp, as near as MirrorMaker's syncs tell. */
    private Translation synced(PartitionKey partition, long position, Translation first, long ceiling) {
        long offset = syncs.map(known -> known.notAfter(partition, position))
                .orElse(OptionalLong.empty())
                .orElse(first.offset());
        return new Translation(Math.max(first.offset(), Math.min(ceiling, offset)), first.pastTail(), false);
    }

    /** How often the target's partitions were passed through together. */
    synchronized int passes() {
        return target.passes();
    }

    @Override
    public void close() {
        target.close();
    }
}
