package io.breakwater.region;

import io.breakwater.platform.PartitionKey;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * The records of a cluster that a read_committed consumer sees, looked at in many partitions at once with one consumer:
 * control records, aborted records and records gone by compaction are stepped over. Not thread-safe.
 * Each method fails with a {@link org.apache.kafka.common.KafkaException} if the cluster does not answer in time.
 */
final class VisibleRecords implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(100);
    private static final int ANSWER_MILLIS = 10_000;
    private static final int FETCH_WAIT_MILLIS = 10;
    private static final int FETCH_BYTES = 64 * 1024;

    /** Offsets from (inclusive) to (exclusive). */
    record Range(long from, long to) {
        boolean isEmpty() {
            return from >= to;
        }
    }

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Duration limit;
    private final String cluster;
    private int passes;

    /** @param limit of the wait for the next record, of whichever partition */
    VisibleRecords(Map<String, Object> settings, Duration limit) {
        Map<String, Object> all = new HashMap<>(settings);
        all.putIfAbsent(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, ANSWER_MILLIS);
        all.putIfAbsent(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, ANSWER_MILLIS);
        all.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        all.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        all.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        all.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        // A look is at one place for one record: little data, and no waiting at the end of a log, because the next
        // look must wait for the answer of the fetch before it.
        all.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, FETCH_WAIT_MILLIS);
        all.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, FETCH_BYTES);
        this.consumer = new KafkaConsumer<>(all, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        this.limit = limit;
        this.cluster = String.valueOf(settings.get(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG));
    }

    static TopicPartition kafkas(PartitionKey partition) {
        return new TopicPartition(partition.topic(), partition.partition());
    }

    /** How many partitions each of the topics has; one that the cluster does not have is left out. */
    Map<String, Integer> partitionCounts(Collection<String> topics) {
        Map<String, Integer> counts = new HashMap<>();
        for (String topic : topics) {
            int count = consumer.partitionsFor(topic).size();
            if (count > 0) {
                counts.put(topic, count);
            }
        }
        return counts;
    }

    static PartitionKey key(TopicPartition partition) {
        return new PartitionKey(partition.topic(), partition.partition());
    }

    /** Those of the partitions that the cluster has. */
    Set<TopicPartition> present(Collection<PartitionKey> partitions) {
        Map<String, Set<Integer>> known = new HashMap<>();
        for (PartitionKey partition : partitions) {
            known.computeIfAbsent(
                    partition.topic(),
                    topic -> consumer.partitionsFor(topic).stream()
                            .map(PartitionInfo::partition)
                            .collect(Collectors.toSet()));
        }
        return partitions.stream()
                .filter(p -> known.getOrDefault(p.topic(), Set.of()).contains(p.partition()))
                .map(VisibleRecords::kafkas)
                .collect(Collectors.toSet());
    }

    /** From the first offset kept to the last stable offset, of each partition. */
    Map<TopicPartition, Range> extents(Set<TopicPartition> partitions) {
        // Answers for partitions that are not assigned make the client warn.
        consumer.assign(partitions);
        Map<TopicPartition, Long> begins = consumer.beginningOffsets(partitions);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        Map<TopicPartition, Range> extents = new HashMap<>();
        ends.forEach((partition, end) -> extents.put(partition, new Range(begins.getOrDefault(partition, 0L), end)));
        return extents;
    }

    /** In each range the first visible record that is wanted; a range without one is not in the result. */
    Map<TopicPartition, ConsumerRecord<byte[], byte[]>> first(
            Map<TopicPartition, Range> ranges, BiPredicate<TopicPartition, ConsumerRecord<byte[], byte[]>> wanted) {
        Map<TopicPartition, ConsumerRecord<byte[], byte[]>> found = new HashMap<>();
        Map<TopicPartition, Probing> probings = new HashMap<>();
        ranges.forEach((partition, range) ->
                probings.put(partition, new OneRange(range, record -> wanted.test(partition, record), record -> {
                    found.put(partition, record);
                    return true;
                })));
        probe(probings);
        return found;
    }

    /** In each range the last visible record that is wanted; a range without one is not in the result. */
    Map<TopicPartition, ConsumerRecord<byte[], byte[]>> last(
            Map<TopicPartition, Range> ranges, BiPredicate<TopicPartition, ConsumerRecord<byte[], byte[]>> wanted) {
        Map<TopicPartition, ConsumerRecord<byte[], byte[]>> found = new HashMap<>();
        first(ranges, (partition, record) -> {
            if (wanted.test(partition, record)) {
                found.put(partition, record);
            }
            return false;
        });
        return found;
    }

    /** A search through one partition that says itself where to look next. */
    interface Probing {

        /** Where to look now; asked once before each look. */
        Range probe();

        /** Sees each visible record of the range in order; whether it is the one to stop at. */
        boolean wants(ConsumerRecord<byte[], byte[]> record);

        /** @param met the record that was stopped at, if the range had one. @return whether nothing is left to look at */
        boolean isDoneAfter(Optional<ConsumerRecord<byte[], byte[]>> met);
    }

    private record OneRange(
            Range probe,
            Predicate<ConsumerRecord<byte[], byte[]>> wanted,
            Predicate<ConsumerRecord<byte[], byte[]>> met)
            implements Probing {
        @Override
        public boolean wants(ConsumerRecord<byte[], byte[]> record) {
            return wanted.test(record);
        }

        @Override
        public boolean isDoneAfter(Optional<ConsumerRecord<byte[], byte[]>> found) {
            return found.map(met::test).orElse(true);
        }
    }

    /** How often partitions were passed through together; each time, none of them waits for another's looks. */
    int passes() {
        return passes;
    }

    /**
     * Drives searches to their ends, all in one pass: a partition goes on to its next look as soon as the last one is
     * answered, so that many looks at few partitions take no longer than they must. Fails after the limit without any
     * answer.
     */
    void probe(Map<TopicPartition, ? extends Probing> probings) {
        passes++;
        Map<TopicPartition, Range> open = new HashMap<>();
        probings.forEach((partition, probing) ->
                next(probing, Optional.of(probing.probe())).ifPresent(range -> open.put(partition, range)));
        consumer.assign(open.keySet());
        consumer.resume(open.keySet());
        open.forEach((partition, range) -> consumer.seek(partition, range.from()));
        long answered = System.nanoTime();
        while (!open.isEmpty()) {
            if (System.nanoTime() - answered > limit.toNanos()) {
                throw new TimeoutException("reading " + open + ": nothing more after " + limit);
            }
            ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
            for (Map.Entry<TopicPartition, Range> entry : Map.copyOf(open).entrySet()) {
                TopicPartition partition = entry.getKey();
                Probing probing = Objects.requireNonNull(probings.get(partition));
                Optional<Range> left = read(partition, probing, entry.getValue(), records.records(partition));
                if (left.isEmpty()) {
                    open.remove(partition);
                    consumer.pause(List.of(partition));
                    answered = System.nanoTime();
                } else if (!left.get().equals(entry.getValue())
                        || !records.records(partition).isEmpty()) {
                    open.put(partition, left.get());
                    answered = System.nanoTime();
                }
            }
        }
    }

    /** What is still to be read after these records; empty if the search is done. */
    private Optional<Range> read(
            TopicPartition partition, Probing probing, Range looking, List<ConsumerRecord<byte[], byte[]>> records) {
        Optional<Range> range = Optional.of(looking);
        for (ConsumerRecord<byte[], byte[]> record : records) {
            // What the next look skips may be in hand already.
            while (range.isPresent() && record.offset() >= range.get().from()) {
                boolean past = record.offset() >= range.get().to();
                if (!past && !wants(probing, record)) {
                    break;
                }
                Optional<Range> next = after(probing, past ? Optional.empty() : Optional.of(record));
                if (next.isPresent() && !isAhead(next.get(), record, past, records)) {
                    consumer.seek(partition, next.get().from());
                    return next;
                }
                range = next;
                if (!past) {
                    break;
                }
            }
            if (range.isEmpty()) {
                return range;
            }
        }
        while (range.isPresent() && consumer.position(partition) >= range.get().to()) {
            range = after(probing, Optional.empty());
            range.ifPresent(next -> consumer.seek(partition, next.from()));
        }
        return range;
    }

    /** Whether the next look begins within the records that are being gone through, behind what was looked at. */
    private static boolean isAhead(
            Range next,
            ConsumerRecord<byte[], byte[]> at,
            boolean again,
            List<ConsumerRecord<byte[], byte[]>> records) {
        long last = records.get(records.size() - 1).offset();
        return next.from() <= last && (again ? next.from() >= at.offset() : next.from() > at.offset());
    }

    private static Optional<Range> after(Probing probing, Optional<ConsumerRecord<byte[], byte[]>> met) {
        return probing.isDoneAfter(met) ? Optional.empty() : next(probing, Optional.of(probing.probe()));
    }

    /** Looks at nothing need no reading. */
    private static Optional<Range> next(Probing probing, Optional<Range> first) {
        Optional<Range> range = first;
        while (range.isPresent() && range.get().isEmpty()) {
            range = probing.isDoneAfter(Optional.empty()) ? Optional.empty() : Optional.of(probing.probe());
        }
        return range;
    }

    private boolean wants(Probing probing, ConsumerRecord<byte[], byte[]> record) {
        try {
            return probing.wants(record);
        } catch (UnreadableStampException e) {
            throw e.at(cluster, record);
        }
    }

    @Override
    public void close() {
        consumer.close(CloseOptions.timeout(Duration.ofSeconds(1)));
    }
}
