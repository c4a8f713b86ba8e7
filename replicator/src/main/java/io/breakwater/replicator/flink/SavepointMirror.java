package io.breakwater.replicator.flink;

import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.ReplicaPosition;
import io.breakwater.platform.ReplicaPosition.Outputs;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStoreException;
import io.breakwater.region.ObjectUri;
import io.breakwater.replicator.copy.ObjectCopier;
import io.breakwater.replicator.flink.SnapshotTransfer.Moved;
import io.breakwater.replicator.flink.snapshot.KafkaSourceOperator;
import io.breakwater.replicator.flink.snapshot.Snapshot;
import io.breakwater.replicator.flink.snapshot.SnapshotFile;
import io.breakwater.replicator.flink.snapshot.SnapshotLayout;
import io.breakwater.replicator.flink.snapshot.SnapshotRewrite;
import io.breakwater.replicator.flink.snapshot.UnsupportedSnapshotException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes snapshots of one job restorable on the standby, one after the other. Each is taken or found, copied, held until
 * it is covered, rewritten with positions of the standby's cluster, and published by putting its {@code _metadata} last.
 * A retained checkpoint that Flink deletes while it is copied is given up for a newer one; what was published before
 * depends on nothing of the source.
 *
 * <p>Covered means: every Kafka position in it is mirrored; a later checkpoint of the job has completed, without a
 * restore since, so that its sinks have committed what they wrote before the snapshot; and the group's topics are
 * mirrored past the ends (open transactions included) that were read when the snapshot was complete. That is past
 * every record that the job wrote before it, so the commits have arrived too. All topics of the group count as output,
 * unless the job declares which are. What it declares as derived is mirrored up to there only because the snapshot is
 * announced: of that, all transactions must have ended on the source.
 * And of each table that the job is declared to read or write, the standby has the version that was the newest one when
 * a second later checkpoint had completed: by then what the first one committed is in the table's log.
 *
 * <p>While a server of either region does not answer, it tries again, and says so in the log once.
 */
final class SavepointMirror {

    private static final Logger LOG = LoggerFactory.getLogger(SavepointMirror.class);
    private static final Duration RETRY = Duration.ofSeconds(2);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration TOLD_EVERY = Duration.ofMinutes(5);
    private static final int COVERED_WITHIN_INTERVALS = 6;
    private static final Duration COVERED_WITHIN_LEAST = Duration.ofMinutes(2);
    private static final DateTimeFormatter ID_TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    private final FlinkJobAsset asset;
    private final Stores stores;
    private final RunningJob job;
    private final SnapshotOrigin origin;
    private final SnapshotTransfer transfer;
    private final Coverage coverage;
    private final Optional<TableCoverage> tables;
    private final Consumer<ReplicaPosition> announce;
    private Optional<ObjectUri> published = Optional.empty();
    private Optional<Trouble> trouble = Optional.empty();
    private volatile boolean stopped;

    /**
     * @param source where savepoints are taken
     * @param standby where they become restorable
     * @param jarFrom where the job's jar is, and {@code jarTo} where the standby will look for it
     */
    record Stores(
            ObjectStore sourceStore,
            ObjectStore standbyStore,
            ObjectCopier copier,
            SnapshotShelf source,
            SnapshotShelf standby,
            ObjectUri jarFrom,
            ObjectUri jarTo) {}

    /**
     * @param tables those of the job, if it has any
     * @param announce gets each position as soon as it is restorable, from the thread that runs this
     */
    SavepointMirror(
            FlinkJobAsset asset,
            Stores stores,
            RunningJob job,
            SnapshotOrigin origin,
            Coverage coverage,
            Optional<TableCoverage> tables,
            Consumer<ReplicaPosition> announce) {
        this.asset = asset;
        this.stores = stores;
        this.job = job;
        this.origin = origin;
        this.transfer =
                new SnapshotTransfer(stores.sourceStore(), stores.standbyStore(), stores.copier(), asset.name());
        this.coverage = coverage;
        this.tables = tables;
        this.announce = announce;
    }

    /** From another thread, before it interrupts this one: what fails from now on fails because of that. */
    void stop() {
        stopped = true;
    }

    /** Runs until the thread is interrupted. */
    void run() throws InterruptedException {
        while (!turn(() -> stores.standby().published().forEach(announce))) {
            TimeUnit.MILLISECONDS.sleep(RETRY.toMillis());
        }
        while (true) {
            Instant next = Instant.now().plus(asset.every());
            boolean done = turn(this::mirrorOne);
            if (done) {
                turn(this::prune);
            }
            long wait = done ? Duration.between(Instant.now(), next).toMillis() : RETRY.toMillis();
            TimeUnit.MILLISECONDS.sleep(Math.max(0, wait));
        }
    }

    private interface Turn {
        void run() throws SnapshotAbandonedException, InterruptedException;
    }

    /** @return whether it was done; if not, the log has said why */
    private boolean turn(Turn turn) throws InterruptedException {
        try {
            turn.run();
            trouble.ifPresent(t -> LOG.info("job={} savepoint mirror goes on", asset.name()));
            trouble = Optional.empty();
            return true;
        } catch (InterruptException e) {
            throw new InterruptedException(e.getMessage());
        } catch (SnapshotAbandonedException | UnsupportedSnapshotException | ObjectStoreException | KafkaException e) {
            if (stopped) {
                throw new InterruptedException("stopped: " + e.getMessage());
            }
            String kind = e.getClass().getSimpleName();
            Instant now = Instant.now();
            if (trouble.filter(told -> told.isToldOf(kind, now)).isEmpty()) {
                LOG.warn("job={} savepoint mirror tries again: {}: {}", asset.name(), kind, e.getMessage());
                trouble = Optional.of(new Trouble(kind, now));
            }
            return false;
        }
    }

    /** What the log has said; a trouble of the same kind may have another reason, so it is told again now and then. */
    private record Trouble(String kind, Instant at) {

        boolean isToldOf(String kind, Instant now) {
            return this.kind.equals(kind) && now.isBefore(at.plus(TOLD_EVERY));
        }
    }

    /** One snapshot, from its taking to its publication; nothing if there is no new one. */
    void mirrorOne() throws SnapshotAbandonedException, InterruptedException {
        transfer.jar(stores.jarFrom(), stores.jarTo());
        TakenSnapshot taken =
                origin.take(asset.outputs().isDeclared() ? Optional.of(coverage::writtenEnds) : Optional.empty());
        if (published.equals(Optional.of(taken.location()))) {
            return;
        }
        OffsetVector written = coverage.writtenEnds();
        try {
            announce.accept(mirror(taken, written));
        } catch (UnsupportedSnapshotException e) {
            throw new SnapshotAbandonedException(
                    "snapshot " + taken.location() + " of job " + asset.name() + ": " + e.getMessage());
        }
        published = Optional.of(taken.location());
    }

    private ReplicaPosition mirror(TakenSnapshot taken, OffsetVector written)
            throws SnapshotAbandonedException, InterruptedException {
        byte[] metadata = transfer.metadata(taken.location());
        Snapshot onSource = Snapshot.open(taken.location(), metadata, stores.sourceStore()::get);
        String id = ID_TIME.format(taken.triggered()) + "-" + onSource.checkpointId();
        SnapshotLayout layout = stores.standby().layout(id, asset.kind().sharesFiles());
        List<SnapshotFile> files = onSource.files(layout);
        Moved moved = transfer.files(files, layout);
        Snapshot snapshot = Snapshot.open(taken.location(), metadata, transfer.reader(files, layout));
        List<KafkaSourceOperator> sources = snapshot.kafkaSources();
        OffsetVector inputs = inputs(sources);
        OffsetVector gates = derived(written);
        Optional<PartitionKey> own = derived(inputs).ends().keySet().stream().findFirst();
        if (own.isPresent()) {
            throw new SnapshotAbandonedException("job " + asset.name() + " reads " + own.get()
                    + ", which it declares as derived: it would wait for itself; take the topic out of derived.topics");
        }
        awaitCovered(taken, snapshot.checkpointId(), highest(List.of(inputs, without(written, gates))), gates);
        byte[] rewritten = snapshot.rewritten(layout, new SnapshotRewrite(translated(sources), asset.sink()));
        ObjectUri place = layout.directory();
        transfer.checkComplete(Snapshot.open(place, rewritten, stores.standbyStore()::get));
        ReplicaPosition bare = ReplicaPosition.ofWriter(taken.triggered(), inputs, id, place.toString());
        ReplicaPosition position = taken.outputsBefore()
                .map(before -> bare.with(new Outputs(before, written, gates)))
                .orElse(bare);
        stores.standby().publish(place, position, rewritten);
        LOG.info(
                "job={} snapshot={} restorable on the standby after {} ms, {} of {} bytes of state moved",
                asset.name(),
                id,
                Duration.between(taken.triggered(), Instant.now()).toMillis(),
                moved.moved(),
                moved.all());
        return position;
    }

    /** What of a vector is in topics that this job declares as derived. */
    private OffsetVector derived(OffsetVector vector) {
        Map<PartitionKey, Long> ends = new TreeMap<>(vector.ends());
        ends.keySet().removeIf(partition -> !asset.outputs().derived().contains(partition.topic()));
        return new OffsetVector(ends);
    }

    private static OffsetVector without(OffsetVector vector, OffsetVector part) {
        Map<PartitionKey, Long> ends = new TreeMap<>(vector.ends());
        ends.keySet().removeAll(part.ends().keySet());
        return new OffsetVector(ends);
    }

    /** Deletes what has become too old, on both sides. */
    void prune() throws SnapshotAbandonedException {
        Instant now = Instant.now();
        stores.standby().keepNewest(asset.keep(), now);
        stores.source().keepNewest(asset.keep(), now);
    }

    /** @param gates of derived topics: mirrored only once the snapshot is announced, so the source must have it all */
    private void awaitCovered(TakenSnapshot taken, long snapshotId, OffsetVector wanted, OffsetVector gates)
            throws SnapshotAbandonedException, InterruptedException {
        Duration within = asset.every().multipliedBy(COVERED_WITHIN_INTERVALS);
        if (within.compareTo(COVERED_WITHIN_LEAST) < 0) {
            within = COVERED_WITHIN_LEAST;
        }
        Instant deadline = Instant.now().plus(within);
        long committing = awaitCheckpoint(taken, snapshotId, deadline, within);
        SortedMap<String, Long> versions = new TreeMap<>();
        if (tables.isPresent()) {
            // Its tasks hear of a checkpoint before they take part in the next one: only then they have all committed.
            awaitCheckpoint(taken, committing, deadline, within);
            versions.putAll(tables.get().newestVersions());
        }
        for (Optional<String> missing = missing(wanted, versions);
                missing.isPresent();
                missing = missing(wanted, versions)) {
            pause(
                    deadline,
                    "snapshot " + taken.location() + " of job " + asset.name() + " not covered within " + within + ": "
                            + missing.get());
        }
        for (Optional<String> open = coverage.notCommitted(gates);
                open.isPresent();
                open = coverage.notCommitted(gates)) {
            pause(
                    deadline,
                    "snapshot " + taken.location() + " of job " + asset.name() + " not committed within " + within
                            + ": " + open.get());
        }
        // Once more: only commits of the very run that took the snapshot count.
        job.laterCheckpoint(taken, snapshotId);
    }

    private long awaitCheckpoint(TakenSnapshot taken, long before, Instant deadline, Duration within)
            throws SnapshotAbandonedException, InterruptedException {
        OptionalLong later = job.laterCheckpoint(taken, before);
        while (later.isEmpty()) {
            pause(deadline, "no later checkpoint of job " + asset.name() + " completed within " + within);
            later = job.laterCheckpoint(taken, before);
        }
        return later.getAsLong();
    }

    private Optional<String> missing(OffsetVector wanted, SortedMap<String, Long> versions) {
        return coverage.notMirrored(wanted).or(() -> tables.flatMap(known -> known.notReplicated(versions)));
    }

    private static void pause(Instant deadline, String tooLate)
            throws SnapshotAbandonedException, InterruptedException {
        if (Instant.now().isAfter(deadline)) {
            throw new SnapshotAbandonedException(tooLate);
        }
        TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
    }

    private Map<String, OffsetVector> translated(List<KafkaSourceOperator> sources) throws InterruptedException {
        Map<String, OffsetVector> translated = new HashMap<>();
        for (KafkaSourceOperator source : sources) {
            translated.put(source.id(), coverage.translate(source.positions()));
        }
        return translated;
    }

    /** Several sources may read one partition: the position that is furthest asks most. */
    private static OffsetVector inputs(List<KafkaSourceOperator> sources) {
        return highest(sources.stream().map(KafkaSourceOperator::positions).toList());
    }

    private static OffsetVector highest(List<OffsetVector> vectors) {
        Map<PartitionKey, Long> ends = new TreeMap<>();
        vectors.forEach(vector -> vector.ends().forEach((partition, end) -> ends.merge(partition, end, Math::max)));
        return new OffsetVector(ends);
    }
}
