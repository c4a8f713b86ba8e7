package io.breakwater.region;

import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.region.MirrorTail.Tail;
import io.breakwater.region.PositionTranslator.Translation;
import io.breakwater.region.PositionTranslator.Within;
import io.breakwater.region.VisibleRecords.Range;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

/**
 * Translates source positions for people and clients: each one is answered with how it was found, or why it has no
 * place on the target. Needs only the target, so it works with the source dead. Thread-safe; concurrent calls wait for
 * each other. Methods fail with a {@link org.apache.kafka.common.KafkaException} if the target does not answer.
 */
public final class StampedPositions implements AutoCloseable {

    /** What a source position is on the target. */
    public sealed interface Answer {

        /** @param offset of the first record that is at or past the position, by its stamp */
        record ByStamp(long offset) implements Answer {}

        /** @param offset the end of what is mirrored: every mirrored record is before the position */
        record MirrorEnd(long offset) implements Answer {}

        /** @param why with what to do, for people */
        record Untranslatable(Reason reason, String why) implements Answer {}
    }

    /** Why a position has no place on the target. */
    public enum Reason {
        NO_TOPIC,
        NO_PARTITION,
        NO_STAMP,
        STAMPED_LATER,
        UNREADABLE_STAMP
    }

    private static final Range NOTHING = new Range(0, 0);

    /**
     * Of a partition that has older records without one.
     *
     * @param sourceOffset that it names; {@link Long#MAX_VALUE} if none was found
     */
    private record FirstStamp(long targetOffset, long sourceOffset) {}

    private final PositionTranslator translator;
    private final MirrorTail tail;
    private final VisibleRecords target;

    /** @param targetSettings client settings of the target cluster */
    public StampedPositions(Map<String, Object> targetSettings) {
        this.translator = new PositionTranslator(targetSettings);
        this.tail = new MirrorTail(targetSettings);
        this.target = new VisibleRecords(targetSettings, PositionTranslator.LIMIT);
    }

    /**
     * The cluster that the newest stamp among the partitions names.
     *
     * @return empty if there is no stamp
     */
    public Optional<Uuid> sourceClusterId(Collection<PartitionKey> partitions) {
        return tail.sourceClusterId(partitions);
    }

    /** One answer for each position asked for. */
    public synchronized SortedMap<PartitionKey, Answer> translate(Uuid sourceClusterId, OffsetVector positions) {
        SortedMap<PartitionKey, Answer> answers = new TreeMap<>();
        SortedMap<PartitionKey, Long> open = new TreeMap<>(positions.ends());
        answers.putAll(absent(open.keySet()));
        open.keySet().removeAll(answers.keySet());
        while (!open.isEmpty()) {
            try {
                answers.putAll(stamped(sourceClusterId, new OffsetVector(open)));
                open.clear();
            } catch (UnreadableStampException e) {
                // One partition the fewer at each round: the others are answered all the same.
                PartitionKey unreadable = e.partition().orElseThrow(() -> e);
                answers.put(
                        unreadable, new Answer.Untranslatable(Reason.UNREADABLE_STAMP, String.valueOf(e.getMessage())));
                if (open.remove(unreadable) == null) {
                    throw e;
                }
            }
        }
        return answers;
    }

    private SortedMap<PartitionKey, Answer> absent(Collection<PartitionKey> partitions) {
        Set<String> topics = partitions.stream().map(PartitionKey::topic).collect(Collectors.toSet());
        Map<String, Integer> counts = target.partitionCounts(topics);
        SortedMap<PartitionKey, Answer> absent = new TreeMap<>();
        for (PartitionKey partition : partitions) {
            int count = counts.getOrDefault(partition.topic(), 0);
            if (partition.partition() >= count) {
                absent.put(partition, absent(partition, count));
            }
        }
        return absent;
    }

    private static Answer absent(PartitionKey partition, int count) {
        return count == 0
                ? new Answer.Untranslatable(
                        Reason.NO_TOPIC,
                        "the target has no topic " + partition.topic() + ": is it mirrored under this name?")
                : new Answer.Untranslatable(
                        Reason.NO_PARTITION,
                        "topic " + partition.topic() + " has " + count
                                + " partitions on the target: wait until the mirror has added partition "
                                + partition.partition());
    }

    private SortedMap<PartitionKey, Answer> stamped(Uuid sourceClusterId, OffsetVector positions) {
        Map<TopicPartition, Range> extents =
                target.extents(target.present(positions.ends().keySet()));
        Map<PartitionKey, FirstStamp> later = stampedLater(sourceClusterId, extents);
        Map<PartitionKey, Within> within = new HashMap<>();
        later.forEach((partition, first) ->
                within.put(partition, new Within(first.targetOffset(), OptionalLong.empty(), Optional.empty())));
        SortedMap<PartitionKey, Translation> translations = translator.search(sourceClusterId, positions, within);
        // After the search: what the mirror adds meanwhile can only make an answer that was the end look exact.
        SortedMap<PartitionKey, Tail> tails = tail.read(sourceClusterId, translations.keySet());
        SortedMap<PartitionKey, Answer> answers = new TreeMap<>();
        translations.forEach((partition, translation) -> {
            long mirrored = tails.getOrDefault(partition, Tail.NONE).sourceEnd();
            long position = positions.end(partition).orElseThrow();
            Range extent = extents.getOrDefault(VisibleRecords.kafkas(partition), NOTHING);
            answers.put(
                    partition,
                    untranslatable(
                                    sourceClusterId,
                                    position,
                                    mirrored,
                                    extent.isEmpty(),
                                    Optional.ofNullable(later.get(partition)))
                            .orElseGet(() -> translation.pastTail() || position >= mirrored
                                    ? new Answer.MirrorEnd(translation.offset())
                                    : new Answer.ByStamp(translation.offset())));
        });
        return answers;
    }

    /** Where stamps begin, in the partitions whose oldest record kept has none. */
    private Map<PartitionKey, FirstStamp> stampedLater(Uuid sourceClusterId, Map<TopicPartition, Range> extents) {
        Map<TopicPartition, Range> elsewhere = new HashMap<>();
        target.first(extents, (partition, record) -> {
            boolean fromSource = ProvenanceStamp.of(record.headers())
                    .filter(stamp -> stamp.clusterId().equals(sourceClusterId))
                    .isPresent();
            if (!fromSource) {
                elsewhere.put(partition, extents.getOrDefault(partition, NOTHING));
            }
            return true;
        });
        Map<TopicPartition, ConsumerRecord<byte[], byte[]>> found = FirstStamps.of(sourceClusterId, target, elsewhere);
        Map<PartitionKey, FirstStamp> later = new HashMap<>();
        elsewhere.keySet().forEach(partition -> {
            Optional<ConsumerRecord<byte[], byte[]>> first = Optional.ofNullable(found.get(partition));
            later.put(
                    new PartitionKey(partition.topic(), partition.partition()),
                    new FirstStamp(
                            first.map(ConsumerRecord::offset).orElse(0L),
                            first.flatMap(record -> ProvenanceStamp.of(record.headers()))
                                    .map(ProvenanceStamp::offset)
                                    .orElse(Long.MAX_VALUE)));
        });
        return later;
    }

    /** @param first stamp of the partition, if older records have none */
    private static Optional<Answer> untranslatable(
            Uuid source, long position, long mirrored, boolean empty, Optional<FirstStamp> first) {
        if (mirrored == 0 && !empty) {
            return Optional.of(new Answer.Untranslatable(
                    Reason.NO_STAMP,
                    "no record there has a stamp of cluster " + source
                            + ": is this the right source, and is the stamp switched on?"));
        }
        return first.filter(stamp -> position < stamp.sourceOffset())
                .map(stamp -> new Answer.Untranslatable(
                        Reason.STAMPED_LATER,
                        (stamp.sourceOffset() == Long.MAX_VALUE
                                        ? "the oldest records there have no stamp"
                                        : "the first stamp there is of source offset " + stamp.sourceOffset())
                                + ", so the place of this position cannot be proven: use MirrorMaker's checkpoint"));
    }

    @Override
    public void close() {
        translator.close();
        tail.close();
        target.close();
    }
}
