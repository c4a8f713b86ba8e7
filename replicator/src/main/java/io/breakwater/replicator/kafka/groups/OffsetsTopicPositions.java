package io.breakwater.replicator.kafka.groups;

import io.breakwater.platform.PartitionKey;
import io.breakwater.region.KafkaAnswer;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Positions as they are committed: {@code __consumer_offsets} is read as a stream, on top of a listing. Transactional
 * commits count when their transaction is committed, deletions and expiries when they are written.
 *
 * <p>It begins at the ends of the topic as they were before the listing, and reads as far as the ends after it before
 * it answers; so nothing is missed, and nothing older than the listing is told. It lists again each {@link #RELIST}, in
 * case that the topic was compacted while it could not be read.
 */
final class OffsetsTopicPositions implements CommittedPositions {

    static final Duration RELIST = Duration.ofMinutes(10);

    /** A transaction holds a position for milliseconds; while one takes longer, all groups of its partition wait. */
    static final Duration STALL = Duration.ofSeconds(2);

    private static final Duration LOOK_FOR_STALLS = Duration.ofMillis(500);
    private static final Duration CATCH_UP = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(20);
    private static final int POLLS = 20;

    private final Admin source;
    private final AdminPositions listing;
    private final GroupSelection selection;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final LastStableOffsets lastStable = new LastStableOffsets(STALL);
    private SortedMap<String, SortedMap<PartitionKey, Commit>> positions;
    private SortedSet<Integer> stalled = new TreeSet<>();
    private Instant listedAt = Instant.EPOCH;
    private Instant lookedAt = Instant.EPOCH;

    /**
     * @param settings of a client of the source
     * @param source stays the caller's to close
     * @param known what was known before; it still counts for a group that cannot be read
     */
    OffsetsTopicPositions(
            Map<String, Object> settings,
            Admin source,
            AdminPositions listing,
            GroupSelection selection,
            SortedMap<String, SortedMap<PartitionKey, Commit>> known) {
        this.positions = AdminPositions.copy(known);
        this.source = source;
        this.listing = listing;
        this.selection = selection;
        Map<String, Object> all = new HashMap<>(settings);
        all.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        all.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        all.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        all.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        all.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 5_000);
        all.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 8 << 20);
        all.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, 10_000);
        all.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 10_000);
        this.consumer = new KafkaConsumer<>(all, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /**
     * {@inheritDoc}
     *
     * @throws org.apache.kafka.common.errors.AuthorizationException if the topic may not be read
     * @throws UnknownTopicOrPartitionException if there is no such topic yet
     * @throws org.apache.kafka.clients.consumer.InvalidOffsetException if the topic was cut off; the next call begins
     *     anew
     */
    @Override
    public SortedMap<String, SortedMap<PartitionKey, Commit>> read(Instant now) throws InterruptedException {
        if (!consumer.assignment().isEmpty() && !now.isBefore(lookedAt.plus(LOOK_FOR_STALLS))) {
            lookForStalls(now);
        }
        if (!now.isBefore(listedAt.plus(RELIST))) {
            begin();
            listedAt = now;
        }
        for (int polls = 0; polls < POLLS; polls++) {
            if (!take(consumer.poll(POLL))) {
                break;
            }
        }
        return AdminPositions.copy(positions);
    }

    private void lookForStalls(Instant now) throws InterruptedException {
        SortedSet<Integer> before = stalled;
        stalled = lastStable.stalled(stable(), ends(), now);
        lookedAt = now;
        if (!before.isEmpty() && stalled.isEmpty()) {
            // What was committed meanwhile is known to the caller; don't tell it older positions first.
            listedAt = Instant.EPOCH;
        }
    }

    /** Partitions of the topic whose last stable offset stands still; what is committed there is not seen. */
    SortedSet<Integer> stalled() {
        return new TreeSet<>(stalled);
    }

    private void begin() throws InterruptedException {
        List<PartitionInfo> known = consumer.partitionsFor(Topic.GROUP_METADATA_TOPIC_NAME);
        if (known.isEmpty()) {
            throw new UnknownTopicOrPartitionException(Topic.GROUP_METADATA_TOPIC_NAME);
        }
        List<TopicPartition> partitions = known.stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.endOffsets(partitions).forEach(consumer::seek);
        positions = listing.list(positions);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        long began = System.nanoTime();
        while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
            if (System.nanoTime() - began > CATCH_UP.toNanos()) {
                throw new TimeoutException(
                        "reading " + Topic.GROUP_METADATA_TOPIC_NAME + ": not at its ends after " + CATCH_UP);
            }
            take(consumer.poll(POLL));
        }
    }

    /** @return whether there were any */
    private boolean take(ConsumerRecords<byte[], byte[]> records) {
        for (ConsumerRecord<byte[], byte[]> record : records) {
            OffsetCommitRecord.of(record)
                    .filter(position ->
                            selection.contains(position.group()) && selection.contains(position.partition()))
                    .ifPresent(this::take);
        }
        return !records.isEmpty();
    }

    private void take(OffsetCommitRecord position) {
        PartitionKey partition = GroupSelection.key(position.partition());
        position.commit()
                .ifPresentOrElse(
                        commit -> positions
                                .computeIfAbsent(position.group(), group -> new TreeMap<>())
                                .put(partition, commit),
                        () -> positions.computeIfPresent(position.group(), (group, own) -> {
                            own.remove(partition);
                            return own.isEmpty() ? null : own;
                        }));
    }

    private Map<Integer, Long> stable() {
        return byNumber(consumer.endOffsets(consumer.assignment()), Function.identity());
    }

    private Map<Integer, Long> ends() throws InterruptedException {
        Collection<TopicPartition> partitions = consumer.assignment();
        return byNumber(
                KafkaAnswer.await(
                        source.listOffsets(partitions.stream()
                                        .collect(Collectors.toMap(partition -> partition, p -> OffsetSpec.latest())))
                                .all(),
                        "ends of " + Topic.GROUP_METADATA_TOPIC_NAME),
                info -> info.offset());
    }

    private static <T> Map<Integer, Long> byNumber(Map<TopicPartition, T> values, Function<T, Long> offset) {
        return values.entrySet().stream()
                .collect(Collectors.toMap(e -> e.getKey().partition(), e -> offset.apply(e.getValue())));
    }

    @Override
    public void close() {
        consumer.close(CloseOptions.timeout(Duration.ofSeconds(1)));
    }
}
