package io.breakwater.region;

import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.region.MirrorTail.Tail;
import io.breakwater.region.PositionTranslator.Translation;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
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
        SortedMap<PartitionKey, Translation> translations = translator.search(sourceClusterId, positions);
        // After the search: what the mirror adds meanwhile can only make an answer that was the end look exact.
        Set<PartitionKey> partitions = translations.keySet();
        SortedMap<PartitionKey, Tail> tails = tail.read(sourceClusterId, partitions);
        Set<TopicPartition> beginElsewhere = new HashSet<>();
        target.first(target.extents(target.present(partitions)), (partition, record) -> {
            if (!isFrom(sourceClusterId, record)) {
                beginElsewhere.add(partition);
            }
            return true;
        });
        SortedMap<PartitionKey, Answer> answers = new TreeMap<>();
        translations.forEach((partition, translation) -> answers.put(
                partition,
                answer(
                        sourceClusterId,
                        translation,
                        tails.getOrDefault(partition, Tail.NONE).sourceEnd(),
                        !beginElsewhere.contains(VisibleRecords.kafkas(partition)),
                        positions.end(partition).orElseThrow())));
        return answers;
    }

    /** @param fromBegin whether the oldest record kept has a stamp of the source, or there is none */
    private static Answer answer(
            Uuid source, Translation translation, long mirrored, boolean fromBegin, long position) {
        if (mirrored == 0 && !fromBegin) {
            return new Answer.Untranslatable(
                    Reason.NO_STAMP,
                    "no record there has a stamp of cluster " + source
                            + ": is this the right source, and is the stamp switched on?");
        }
        if (!fromBegin) {
            return new Answer.Untranslatable(
                    Reason.STAMPED_LATER,
                    "the oldest records there have no stamp of cluster " + source
                            + ", so the place cannot be proven: use MirrorMaker's checkpoint until retention has"
                            + " taken them");
        }
        return translation.pastTail() || position >= mirrored
                ? new Answer.MirrorEnd(translation.offset())
                : new Answer.ByStamp(translation.offset());
    }

    private static boolean isFrom(Uuid sourceClusterId, ConsumerRecord<byte[], byte[]> record) {
        return ProvenanceStamp.of(record.headers())
                .filter(stamp -> stamp.clusterId().equals(sourceClusterId))
                .isPresent();
    }

    @Override
    public void close() {
        translator.close();
        tail.close();
        target.close();
    }
}
