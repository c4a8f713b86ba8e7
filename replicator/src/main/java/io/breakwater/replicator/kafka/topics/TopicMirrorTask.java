package io.breakwater.replicator.kafka.topics;

import io.breakwater.platform.Flow;
import io.breakwater.platform.PartitionKey;
import io.breakwater.replicator.kafka.topics.MirrorGuard.Judgement;
import io.breakwater.replicator.kafka.topics.SourceOrder.Position;
import io.breakwater.replicator.kafka.topics.TargetTopics.Extent;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.connect.mirror.MirrorSourceTask;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;
import org.apache.kafka.connect.source.SourceTaskContext;
import org.apache.kafka.connect.source.TransactionContext;
import org.apache.kafka.connect.storage.OffsetStorageReader;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * MirrorMaker's task with a guard between its consumer and the standby, and with the stamp. A partition whose records do
 * not continue what was mirrored ({@link SourceOrder}), or that the standby does not take ({@link TargetTopics}), is left
 * out from that record on, with an error in the log that names it and the remedy; its offset stays, and all other
 * partitions go on. Health reports find it by its own means: it makes no progress.
 *
 * <p>Left out means read and dropped: the consumer is MirrorMaker's own and cannot be paused or set back from here. So
 * when what a partition needs is there ({@link ParkedPartitions}), MirrorMaker's task is ended and begun anew within
 * this one, each partition where it stood. Nothing is lost or comes twice, because where it stood is what was given to
 * Connect, not what was read.
 *
 * <p>What jobs of the group declare as derived passes {@link HeldOutput} first.
 */
public final class TopicMirrorTask extends SourceTask {

    private static final Logger LOG = LoggerFactory.getLogger(TopicMirrorTask.class);
    private static final String PARTITIONS = "task.assigned.partitions";
    /** MirrorMaker's, of one look for records. */
    private static final String POLL_TIMEOUT = "consumer.poll.timeout.ms";

    private static final Duration FIRST_ANSWER = Duration.ofSeconds(10);
    private static final Duration PAUSE = Duration.ofMillis(100);
    private static final Duration ANSWER = Duration.ofSeconds(1);

    private Map<String, String> settings = Map.of();
    private @Nullable Sides sides;
    private volatile @Nullable Run run;
    /** What the standby or the source did not let be judged yet. */
    private List<SourceRecord> held = List.of();

    private record Sides(
            TopicIds source, TargetTopics target, ParkedPartitions parked, DerivedGates gates, HeldOutput output) {}

    /** MirrorMaker's task from one resumption to the next. */
    private record Run(MirrorSourceTask mirror, RecordBatches batches, MirrorGuard guard, SourceOrder order) {

        /** A poll that is ahead returns first; what it read is read again by whoever goes on. */
        void stop() {
            mirror.stop();
            batches.close();
        }
    }

    @Override
    public String version() {
        return new MirrorSourceTask().version();
    }

    @Override
    public void start(Map<String, String> settings) {
        this.settings = new HashMap<>(settings);
        this.settings.put(POLL_TIMEOUT, String.valueOf(RecordBatches.POLL.toMillis()));
        List<String> topics = partitions(settings).stream()
                .map(PartitionKey::topic)
                .distinct()
                .toList();
        TopicIds source = new TopicIds(Admin.create(client(settings, "source.cluster.")), topics);
        TargetTopics target = new TargetTopics(
                client(settings, "source.cluster."),
                client(settings, "target.cluster."),
                settings.getOrDefault("target.cluster.alias", "the target"),
                topics);
        try {
            source.await(FIRST_ANSWER);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        DerivedSettings derived = DerivedSettings.of(settings);
        DerivedGates gates = new DerivedGates(
                derived.topics(),
                derived.group(),
                new Flow(
                        settings.getOrDefault("source.cluster.alias", "source"),
                        settings.getOrDefault("target.cluster.alias", "target")),
                client(settings, "target.cluster."));
        Sides opened = new Sides(
                source,
                target,
                new ParkedPartitions(target),
                gates,
                new HeldOutput(derived.topics().holds(), gates));
        sides = opened;
        run = begin(opened, Map.of());
    }

    private static List<PartitionKey> partitions(Map<String, String> settings) {
        return Arrays.stream(settings.getOrDefault(PARTITIONS, "").split(","))
                .map(PartitionKey::parse)
                .toList();
    }

    /** @param standing where the mirror stands in the partitions that it has read in this task */
    private Run begin(Sides with, Map<PartitionKey, Position> standing) {
        Map<PartitionKey, Extent> copies = copies(with.target());
        MirrorOffsets offsets = new MirrorOffsets(
                context.offsetStorageReader(),
                standing,
                (partition, mirrored) -> beginsAnew(
                        with.source().id(partition.topic()),
                        Optional.ofNullable(copies.get(partition)),
                        partition,
                        mirrored));
        MirrorSourceTask mirror = new MirrorSourceTask();
        mirror.initialize(new Context(context, offsets));
        mirror.start(settings);
        SourceOrder order =
                new SourceOrder(settings.getOrDefault("source.cluster.alias", "the source"), offsets.positions());
        return new Run(
                mirror,
                new RecordBatches(mirror::poll),
                new MirrorGuard(with.source(), with.target(), order, with.parked()),
                order);
    }

    private Map<PartitionKey, Extent> copies(TargetTopics target) {
        try {
            return target.extents(partitions(settings));
        } catch (KafkaException e) {
            LOG.warn("whether copies are empty is not known, so no topic begins anew: {}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return Map.of();
    }

    /** Whether the copy was deleted on the standby: what the source has now is mirrored from its beginning. */
    private static boolean beginsAnew(
            Optional<Uuid> now, Optional<Extent> copy, PartitionKey partition, Uuid mirrored) {
        boolean anew = now.isPresent()
                && copy.filter(extent -> now.get().equals(mirrored) ? extent.isUnwritten() : extent.isEmpty())
                        .isPresent();
        if (anew) {
            LOG.info("{} id {} is mirrored from its beginning; its copy of id {} is gone", partition, now, mirrored);
        }
        return anew;
    }

    @Override
    public @Nullable List<SourceRecord> poll() {
        Run running = run;
        if (running == null || sides == null) {
            throw new IllegalStateException("polled before it was started");
        }
        Set<String> madeAnew = sides.target().refresh();
        if (!madeAnew.isEmpty() || isAnyMended(sides)) {
            LOG.info("all that are left out are tried again; copies that were made anew: {}", madeAnew);
            running = resume(sides, running);
        } else if (sides.output().isToBeReadAgain()) {
            LOG.info(
                    "all is read again from where it stands: of derived topics more had waited than is held in memory");
            running = resume(sides, running);
        }
        List<SourceRecord> polled =
                held.isEmpty() ? sides.output().pass(running.batches().next(), System.nanoTime()) : held;
        sides.source().refresh();
        Judgement judgement = running.guard().judge(polled);
        held = judgement.waiting();
        if (judgement.admitted().isEmpty() && !held.isEmpty()) {
            LOG.debug("{} records wait: {}", held.size(), judgement.obstacle());
            await(sides.source());
        }
        return judgement.admitted().isEmpty() ? null : judgement.admitted();
    }

    private static boolean isAnyMended(Sides with) {
        try {
            return with.parked().isAnyMended(System.nanoTime());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** What waits is read again: it was not given to Connect. */
    private Run resume(Sides with, Run last) {
        held = List.of();
        with.output().readAgain();
        last.stop();
        with.parked().resumed();
        Run next = begin(with, last.order().positions());
        run = next;
        return next;
    }

    @Override
    public void commit() {
        Run running = run;
        if (running != null) {
            running.mirror().commit();
        }
    }

    /** Connect has written all records of a poll before it asks for the next, so no record is of the run before. */
    @Override
    public void commitRecord(SourceRecord record, RecordMetadata metadata) {
        Run running = run;
        if (running != null && record instanceof StampedRecord stamped && stamped.isLandmark()) {
            running.mirror().commitRecord(record, metadata);
        }
    }

    private static void await(TopicIds source) {
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
        Run running = run;
        if (running != null) {
            running.stop();
        }
        if (sides != null) {
            sides.source().close();
            sides.target().close();
            sides.gates().close();
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
