package io.breakwater.replicator.kafka.topics;

import io.breakwater.platform.PartitionKey;
import io.breakwater.replicator.kafka.topics.MirrorGuard.Judgement;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.connect.mirror.MirrorSourceTask;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTaskContext;
import org.apache.kafka.connect.source.TransactionContext;
import org.apache.kafka.connect.storage.OffsetStorageReader;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * MirrorMaker's task with a guard between its consumer and the standby, and with the stamp. A partition whose records do not continue what
 * was mirrored ({@link SourceOrder}), or that the standby does not take ({@link TargetTopics}), is left out from that
 * record on, with an error in the log that names it and the remedy; its offset stays, and all other partitions go on.
 * Health reports find it by its own means: it makes no progress.
 *
 * <p>Left out means read and dropped: the consumer is MirrorMaker's own and cannot be paused from here.
 */
public final class TopicMirrorTask extends MirrorSourceTask {

    private static final Logger LOG = LoggerFactory.getLogger(TopicMirrorTask.class);
    private static final String PARTITIONS = "task.assigned.partitions";
    /** MirrorMaker's, of one look for records. */
    private static final String POLL_TIMEOUT = "consumer.poll.timeout.ms";

    private static final Duration FIRST_ANSWER = Duration.ofSeconds(10);
    private static final Duration PAUSE = Duration.ofMillis(100);
    private static final Duration ANSWER = Duration.ofSeconds(1);

    private final RecordBatches batches = new RecordBatches(super::poll);
    private @Nullable Sides sides;
    private @Nullable MirrorGuard guard;
    private @Nullable MirrorOffsets offsets;
    /** What the standby or the source did not let be judged yet. */
    private List<SourceRecord> held = List.of();

    private record Sides(SourceIds source, TargetTopics target) {}

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
        SourceIds source = new SourceIds(Admin.create(client(settings, "source.cluster.")), topics);
        TargetTopics target = new TargetTopics(
                Admin.create(client(settings, "source.cluster.")),
                Admin.create(client(settings, "target.cluster.")),
                settings.getOrDefault("target.cluster.alias", "the target"));
        try {
            source.await(FIRST_ANSWER);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        sides = new Sides(source, target);
        Map<String, String> own = new HashMap<>(settings);
        own.put(POLL_TIMEOUT, String.valueOf(RecordBatches.POLL.toMillis()));
        super.start(own);
        guard = new MirrorGuard(source, target, new SourceOrder(from, offsets.positions()));
    }

    /** The copy was deleted on the standby: what the source has now is mirrored from its beginning. */
    private boolean beginsAnew(String topic, Uuid mirrored) {
        if (sides == null) {
            return false;
        }
        Optional<Uuid> now = sides.source().id(topic);
        try {
            boolean anew = now.isPresent()
                    && (now.get().equals(mirrored)
                            ? sides.target().wasUnwritten(topic)
                            : sides.target().isEmpty(topic));
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
        if (guard == null || sides == null) {
            throw new IllegalStateException("polled before it was started");
        }
        List<SourceRecord> polled = held.isEmpty() ? batches.next() : held;
        sides.source().refresh();
        Judgement judgement = guard.judge(polled);
        held = judgement.waiting();
        if (judgement.admitted().isEmpty() && !held.isEmpty()) {
            LOG.debug("{} records wait: {}", held.size(), judgement.obstacle());
            await(sides.source());
        }
        return judgement.admitted().isEmpty() ? null : judgement.admitted();
    }

    private static void await(SourceIds source) {
        try {
            source.await(ANSWER);
            LockSupport.parkNanos(PAUSE.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Map<String, Object> client(Map<String, String> settings, String prefix) {
        return settings.entrySet().stream()
                .filter(e -> e.getKey().startsWith(prefix) && !e.getKey().endsWith(".alias"))
                .collect(Collectors.toMap(e -> e.getKey().substring(prefix.length()), Map.Entry::getValue));
    }

    @Override
    public void stop() {
        super.stop();
        if (sides != null) {
            sides.source().close();
            sides.target().close();
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
