package io.breakwater.replicator.kafka.topics;

import io.breakwater.platform.PartitionKey;
import io.breakwater.replicator.kafka.topics.SourceOrder.Admission;
import io.breakwater.replicator.kafka.topics.TargetTopics.Room;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.mirror.MirrorSourceTask;
import org.apache.kafka.connect.mirror.MirrorUtils;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTaskContext;
import org.apache.kafka.connect.source.TransactionContext;
import org.apache.kafka.connect.storage.OffsetStorageReader;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * MirrorMaker's task with a guard between its consumer and the standby. A partition whose records do not continue what
 * was mirrored ({@link SourceOrder}), or that the standby does not take ({@link TargetTopics}), is left out from that
 * record on, with an error in the log that names it and the remedy; its offset stays, and all other partitions go on.
 * Health reports find it by its own means: it makes no progress.
 *
 * <p>Left out means read and dropped: the consumer is MirrorMaker's own and cannot be paused from here.
 */
public final class TopicMirrorTask extends MirrorSourceTask {

    private static final Logger LOG = LoggerFactory.getLogger(TopicMirrorTask.class);
    private static final String PARTITIONS = "task.assigned.partitions";
    private static final Duration FIRST_ANSWER = Duration.ofSeconds(10);
    private static final Duration ERROR_PACE = Duration.ofMillis(100);
    private static final Duration ANSWER = Duration.ofSeconds(1);

    private @Nullable Guard guard;
    private @Nullable MirrorOffsets offsets;
    /** What the standby or the source did not let be judged yet. */
    private List<SourceRecord> held = List.of();

    private record Guard(SourceTopics source, TargetTopics target, SourceOrder order) {}

    @Override
    public void initialize(SourceTaskContext context) {
        MirrorOffsets read = new MirrorOffsets(context.offsetStorageReader(), this::beginsAnew);
        offsets = read;
        super.initialize(new Context(context, read));
    }

    @Override
    public void start(Map<String, String> settings) {
        String from = settings.getOrDefault("source.cluster.alias", "the source");
        List<String> topics = Arrays.stream(
                        settings.getOrDefault(PARTITIONS, "").split(","))
                .map(partition -> PartitionKey.parse(partition).topic())
                .distinct()
                .toList();
        if (offsets == null) {
            throw new IllegalStateException("started before it was initialized");
        }
        SourceTopics source = new SourceTopics(Admin.create(client(settings, "source.cluster.")), topics);
        TargetTopics target = new TargetTopics(
                Admin.create(client(settings, "source.cluster.")),
                Admin.create(client(settings, "target.cluster.")),
                settings.getOrDefault("target.cluster.alias", "the target"));
        try {
            source.await(FIRST_ANSWER);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        guard = new Guard(source, target, new SourceOrder(from, Map.of()));
        super.start(settings);
        guard = new Guard(source, target, new SourceOrder(from, offsets.positions()));
    }

    /** The copy was deleted on the standby: what the source has now is mirrored from its beginning. */
    private boolean beginsAnew(String topic, Uuid mirrored) {
        if (guard == null) {
            return false;
        }
        Optional<Uuid> now = guard.source().id(topic);
        try {
            boolean anew = now.isPresent()
                    && (now.get().equals(mirrored)
                            ? guard.target().wasUnwritten(topic)
                            : guard.target().isEmpty(topic));
            if (anew) {
                LOG.info(
                        "topic={} id {} is mirrored from its beginning; its copy of id {} is gone",
                        topic,
                        now,
                        mirrored);
            }
            return anew;
        } catch (KafkaException e) {
            LOG.warn("topic={} whether its copy is empty is not known: {}", topic, e.getMessage());
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public @Nullable List<SourceRecord> poll() {
        if (guard == null) {
            throw new IllegalStateException("polled before it was started");
        }
        guard.source().refresh();
        List<SourceRecord> polled = held.isEmpty() ? paced() : held;
        held = List.of();
        if (polled == null) {
            return null;
        }
        try {
            Optional<String> obstacle = unready(guard, polled);
            if (obstacle.isPresent()) {
                held = polled;
                LOG.debug("{} records wait: {}", polled.size(), obstacle.get());
                guard.source().await(ANSWER);
                LockSupport.parkNanos(ERROR_PACE.toNanos());
                return null;
            }
            List<SourceRecord> admitted = admitted(guard, polled);
            return admitted.isEmpty() ? null : admitted;
        } catch (InterruptedException e) {
            held = polled;
            Thread.currentThread().interrupt();
            return null;
        }
    }

    /** An error that MirrorMaker swallows comes back at once, for ever: not thousands of times a second. */
    private @Nullable List<SourceRecord> paced() {
        long began = System.nanoTime();
        List<SourceRecord> polled = super.poll();
        if (polled == null && System.nanoTime() - began < ERROR_PACE.toNanos()) {
            LockSupport.parkNanos(ERROR_PACE.toNanos());
        }
        return polled;
    }

    /** Why nothing of a batch can be judged yet. Partitions that are refused for good are not waited for. */
    private static Optional<String> unready(Guard with, List<SourceRecord> records) throws InterruptedException {
        Map<PartitionKey, Long> greatest = new HashMap<>();
        records.forEach(record -> greatest.merge(partition(record), bytes(record), Math::max));
        for (Map.Entry<PartitionKey, Long> partition : greatest.entrySet()) {
            String topic = partition.getKey().topic();
            if (with.source().id(topic).isEmpty()) {
                return Optional.of("the id of topic " + topic + " is not known");
            }
            if (!with.order().isRefused(partition.getKey())
                    && with.target().room(partition.getKey(), partition.getValue()) instanceof Room.NotYet notYet) {
                return Optional.of(notYet.why());
            }
        }
        return Optional.empty();
    }

    private static List<SourceRecord> admitted(Guard with, List<SourceRecord> records) throws InterruptedException {
        List<SourceRecord> admitted = new ArrayList<>(records.size());
        Map<Uuid, String> texts = new HashMap<>();
        for (SourceRecord record : records) {
            PartitionKey partition = partition(record);
            if (!with.order().isRefused(partition)) {
                long offset = offset(record);
                Uuid topicId = with.source().id(partition.topic()).orElseThrow();
                Admission admission = with.target().room(partition, bytes(record)) instanceof Room.Refused refused
                        ? with.order().refuse(partition, "at offset " + offset + ": " + refused.why())
                        : with.order().admit(partition, offset, topicId);
                if (admission instanceof Admission.Admitted) {
                    admitted.add(named(record, offset, texts.computeIfAbsent(topicId, Uuid::toString)));
                } else if (admission instanceof Admission.RefusedNow now) {
                    LOG.error("{}", now.why());
                }
            }
        }
        return admitted;
    }

    /** The record with an offset that names the topic's incarnation. */
    private static SourceRecord named(SourceRecord record, long offset, String topicId) {
        return new SourceRecord(
                record.sourcePartition(),
                MirrorOffsets.offset(offset, topicId),
                record.topic(),
                record.kafkaPartition(),
                record.keySchema(),
                record.key(),
                record.valueSchema(),
                record.value(),
                record.timestamp(),
                record.headers());
    }

    private static PartitionKey partition(SourceRecord record) {
        TopicPartition partition = MirrorUtils.unwrapPartition(record.sourcePartition());
        return new PartitionKey(partition.topic(), partition.partition());
    }

    private static long offset(SourceRecord record) {
        if (record.sourceOffset().get(MirrorUtils.OFFSET_KEY) instanceof Number offset) {
            return offset.longValue();
        }
        throw new IllegalStateException("MirrorMaker gave a record of " + partition(record) + " without an offset");
    }

    private static long bytes(SourceRecord record) {
        long bytes = bytes(record.key()) + bytes(record.value());
        for (Header header : record.headers()) {
            bytes += header.key().length() + bytes(header.value()) + 2L * Integer.BYTES;
        }
        return bytes;
    }

    private static long bytes(@Nullable Object content) {
        return content instanceof byte[] array ? array.length : 0;
    }

    private static Map<String, Object> client(Map<String, String> settings, String prefix) {
        return settings.entrySet().stream()
                .filter(e -> e.getKey().startsWith(prefix) && !e.getKey().endsWith(".alias"))
                .collect(Collectors.toMap(e -> e.getKey().substring(prefix.length()), Map.Entry::getValue));
    }

    @Override
    public void stop() {
        super.stop();
        if (guard != null) {
            guard.source().close();
            guard.target().close();
        }
    }

    /** The worker's context with our view of the offsets. */
    private record Context(SourceTaskContext worker, MirrorOffsets offsets) implements SourceTaskContext {

        @Override
        public Map<String, String> configs() {
            return worker.configs();
        }

        @Override
        public OffsetStorageReader offsetStorageReader() {
            return offsets;
        }

        @Override
        public TransactionContext transactionContext() {
            return worker.transactionContext();
        }

        @Override
        public PluginMetrics pluginMetrics() {
            return worker.pluginMetrics();
        }
    }
}
