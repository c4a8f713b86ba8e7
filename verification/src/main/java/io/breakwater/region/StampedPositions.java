package io.breakwater.region;

import io.breakwater.platform.PartitionKey;
import io.breakwater.region.MirrorTail.Tail;
import io.breakwater.region.PositionTranslator.Translation;
import io.breakwater.region.PublishedSegments.Way;
import io.breakwater.region.VisibleRecords.Range;
import java.util.Collection;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

/**
 * Translates source positions for people and clients: each one is answered with how it was found, or why it has no
 * place on the target. Needs only the target, so it works with the source dead; also after the two have changed places
 * however often, by the segments that the target holds itself ({@link SegmentTopic}). Only of a record that had come from
 * the target the source alone tells its place. Thread-safe; concurrent calls wait for each other. Methods fail with a {@link org.apache.kafka.common.KafkaException} if the target does not answer.
 */
public final class StampedPositions implements AutoCloseable {

    /** What a source position is on the target. */
    public sealed interface Answer {

        /** @param offset of the first record that is at or past the position, by its stamp */
        record ByStamp(long offset) implements Answer {}

        /** @param offset the end of what is mirrored: every mirrored record is before the position */
        record MirrorEnd(long offset) implements Answer {}

        /**
         * The position is among records from before the stamp was switched on.
         *
         * @param offset not after the position's place: some records are read again, none is skipped
         */
        record Early(long offset) implements Answer {}

        /** @param why with what to do, for people */
        record Untranslatable(Reason reason, String why) implements Answer {}
    }

    /** Why a position has no place on the target. */
    public enum Reason {
        NO_TOPIC,
        NO_PARTITION,
        NO_STAMP,
        /** Segments are known, and do not tell the position's place without the source. */
        UNTOLD,
        UNREADABLE_STAMP
    }

    private static final Range NOTHING = new Range(0, 0);

    private final PositionTranslator translator;
    private final MirrorTail tail;
    private final VisibleRecords target;
    private final Map<String, Object> targetSettings;
    private final Optional<Map<String, Object>> sourceSettings;
    private final Optional<String> sourceAlias;

    /**
     * @param targetSettings client settings of the target cluster
     * @param sourceSettings of the source cluster; empty if it is dead
     * @param sourceAlias how MirrorMaker names the source; with it, its offset syncs help where there is no stamp
     */
    public StampedPositions(
            Map<String, Object> targetSettings,
            Optional<Map<String, Object>> sourceSettings,
            Optional<String> sourceAlias) {
        this.targetSettings = Map.copyOf(targetSettings);
        this.sourceSettings = sourceSettings;
        this.sourceAlias = sourceAlias;
        this.translator = newTranslator();
        this.tail = new MirrorTail(targetSettings);
        this.target = new VisibleRecords(targetSettings, PositionTranslator.LIMIT);
    }

    private PositionTranslator newTranslator() {
        return sourceAlias
                .map(alias -> new PositionTranslator(targetSettings, alias))
                .orElseGet(() -> new PositionTranslator(targetSettings));
    }

    /**
     * The cluster that the newest stamp among the partitions names.
     *
     * @return empty if there is no stamp
     */
    public Optional<Uuid> sourceClusterId(Collection<PartitionKey> partitions) {
        return tail.sourceClusterId(partitions);
    }

    /** One answer for each position asked for, by partition and position. */
    public synchronized SortedMap<PartitionKey, SortedMap<Long, Answer>> translate(
            Uuid sourceClusterId, Map<PartitionKey, SortedSet<Long>> positions) {
        SortedMap<PartitionKey, SortedMap<Long, Answer>> answers = new TreeMap<>();
        SortedMap<PartitionKey, SortedSet<Long>> open = new TreeMap<>(positions);
        absent(positions.keySet()).forEach((partition, why) -> {
            answers.put(partition, all(positions.getOrDefault(partition, new TreeSet<>()), why));
            open.remove(partition);
        });
        PublishedSegments segments = PublishedSegments.read(targetSettings, sourceSettings, sourceClusterId);
        while (!open.isEmpty()) {
            try {
                IdentityHashMap<Way, SortedMap<PartitionKey, SortedSet<Long>>> moved = new IdentityHashMap<>();
                SortedMap<PartitionKey, SortedSet<Long>> never = new TreeMap<>(open);
                open.forEach((partition, wanted) -> segments.of(partition.topic())
                        .ifPresent(way -> {
                            moved.computeIfAbsent(way, w -> new TreeMap<>()).put(partition, wanted);
                            never.remove(partition);
                        }));
                answers.putAll(stamped(sourceClusterId, never));
                moved.forEach((way, wanted) -> answers.putAll(within(way, sourceClusterId, wanted)));
                open.clear();
            } catch (UnreadableStampException e) {
                // One partition the fewer at each round: the others are answered all the same.
                PartitionKey unreadable = e.partition().orElseThrow(() -> e);
                SortedSet<Long> unanswered = open.remove(unreadable);
                if (unanswered == null) {
                    throw e;
                }
                Answer why = new Answer.Untranslatable(Reason.UNREADABLE_STAMP, String.valueOf(e.getMessage()));
                answers.put(unreadable, all(unanswered, why));
            }
        }
        return answers;
    }

    private static SortedMap<Long, Answer> all(SortedSet<Long> positions, Answer answer) {
        SortedMap<Long, Answer> answers = new TreeMap<>();
        positions.forEach(position -> answers.put(position, answer));
        return answers;
    }

    private SortedMap<PartitionKey, Answer> absent(Collection<PartitionKey> partitions) {
        Map<String, Integer> counts = target.partitionCounts(
                partitions.stream().map(PartitionKey::topic).collect(Collectors.toSet()));
        SortedMap<PartitionKey, Answer> absent = new TreeMap<>();
        for (PartitionKey partition : partitions) {
            int count = counts.getOrDefault(partition.topic(), 0);
            if (count == 0) {
                absent.put(
                        partition,
                        new Answer.Untranslatable(
                                Reason.NO_TOPIC,
                                "the target has no topic " + partition.topic() + ": is it mirrored under this name?"));
            } else if (partition.partition() >= count) {
                absent.put(
                        partition,
                        new Answer.Untranslatable(
                                Reason.NO_PARTITION,
                                "topic " + partition.topic() + " has " + count
                                        + " partitions on the target: wait until the mirror has added partition "
                                        + partition.partition()));
            }
        }
        return absent;
    }

    private SortedMap<PartitionKey, SortedMap<Long, Answer>> within(
            Way way, Uuid sourceClusterId, Map<PartitionKey, SortedSet<Long>> positions) {
        SortedMap<PartitionKey, SortedMap<Long, Answer>> answers = new TreeMap<>();
        try (SegmentTranslator segments = new SegmentTranslator(way.flow(), newTranslator(), sourceSettings)) {
            SortedMap<PartitionKey, SortedMap<Long, Translation>> found =
                    segments.search(way.history(), Optional.of(sourceClusterId), Map.of(), positions);
            positions.forEach((partition, wanted) -> {
                SortedMap<Long, Translation> translations = found.getOrDefault(partition, new TreeMap<>());
                SortedMap<Long, Answer> own = new TreeMap<>();
                wanted.forEach(position -> own.put(
                        position,
                        Optional.ofNullable(translations.get(position))
                                .map(StampedPositions::answer)
                                .orElseGet(this::untold)));
                answers.put(partition, own);
            });
        }
        return answers;
    }

    private Answer untold() {
        return new Answer.Untranslatable(
                Reason.UNTOLD,
                sourceSettings.isPresent()
                        ? "it lies before the oldest segment that is still known: take the first offset of the target"
                        : "the record there may have come from the target, and then only the source knows its place:"
                                + " translate it while the source lives");
    }

    private static Answer answer(Translation translation) {
        if (!translation.exact()) {
            return new Answer.Early(translation.offset());
        }
        return translation.pastTail()
                ? new Answer.MirrorEnd(translation.offset())
                : new Answer.ByStamp(translation.offset());
    }

    private SortedMap<PartitionKey, SortedMap<Long, Answer>> stamped(
            Uuid sourceClusterId, Map<PartitionKey, SortedSet<Long>> positions) {
        SortedMap<PartitionKey, SortedMap<Long, Translation>> translations =
                translator.searchAll(sourceClusterId, positions, Map.of());
        // After the search: what the mirror adds meanwhile can only make an answer that was the end look exact.
        SortedMap<PartitionKey, Tail> tails = tail.read(sourceClusterId, translations.keySet());
        Map<TopicPartition, Range> extents = new HashMap<>(target.extents(target.present(translations.keySet())));
        SortedMap<PartitionKey, SortedMap<Long, Answer>> answers = new TreeMap<>();
        translations.forEach((partition, found) -> {
            long mirrored = tails.getOrDefault(partition, Tail.NONE).sourceEnd();
            boolean empty = extents.getOrDefault(VisibleRecords.kafkas(partition), NOTHING)
                    .isEmpty();
            SortedMap<Long, Answer> own = new TreeMap<>();
            found.forEach((position, translation) ->
                    own.put(position, answer(sourceClusterId, position, translation, mirrored, empty)));
            answers.put(partition, own);
        });
        return answers;
    }

    private static Answer answer(Uuid source, long position, Translation translation, long mirrored, boolean empty) {
        if (translation.exact() && mirrored == 0 && !empty) {
            return new Answer.Untranslatable(
                    Reason.NO_STAMP,
                    "no record there has a stamp of cluster " + source
                            + ": is this the right source, and is the stamp switched on?");
        }
        return translation.exact() && position >= mirrored
                ? new Answer.MirrorEnd(translation.offset())
                : answer(translation);
    }

    @Override
    public void close() {
        translator.close();
        tail.close();
        target.close();
    }
}
