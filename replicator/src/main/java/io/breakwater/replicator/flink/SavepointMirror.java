package io.breakwater.replicator.flink;

import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.ReplicaPosition;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStore.ObjectInfo;
import io.breakwater.region.ObjectStoreException;
import io.breakwater.region.ObjectUri;
import io.breakwater.replicator.copy.CopyJob;
import io.breakwater.replicator.copy.CopyOutcome;
import io.breakwater.replicator.copy.ObjectCopier;
import io.breakwater.replicator.flink.SavepointTaker.Taken;
import io.breakwater.replicator.flink.snapshot.KafkaSourceOperator;
import io.breakwater.replicator.flink.snapshot.Snapshot;
import io.breakwater.replicator.flink.snapshot.SnapshotFile;
import io.breakwater.replicator.flink.snapshot.UnsupportedSnapshotException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes savepoints of one job restorable on the standby, one after the other. Each is taken, copied, held until it is
 * covered, rewritten with positions of the standby's cluster, and published by putting its {@code _metadata} last.
 *
 * <p>Covered means: every Kafka position in it is mirrored; a later checkpoint of the job has completed, without a
 * restore since, so that its sinks have committed what they wrote before the savepoint; and the group's topics are
 * mirrored past the ends (open transactions included) that were read when the savepoint was complete. That is past
 * every record that the job wrote before it, so the commits have arrived too. All topics of the group count as output.
 *
 * <p>While a server of either region does not answer, it tries again, and says so in the log once.
 */
final class SavepointMirror {

    private static final Logger LOG = LoggerFactory.getLogger(SavepointMirror.class);
    private static final Duration RETRY = Duration.ofSeconds(2);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final int COVERED_WITHIN_INTERVALS = 6;
    private static final Duration COVERED_WITHIN_LEAST = Duration.ofMinutes(2);
    private static final DateTimeFormatter ID_TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    private final FlinkJobAsset asset;
    private final Stores stores;
    private final SavepointTaker taker;
    private final MirrorCoverage coverage;
    private final Consumer<ReplicaPosition> announce;
    private Optional<String> trouble = Optional.empty();
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

    /** @param announce gets each position as soon as it is restorable, from the thread that runs this */
    SavepointMirror(
            FlinkJobAsset asset,
            Stores stores,
            SavepointTaker taker,
            MirrorCoverage coverage,
            Consumer<ReplicaPosition> announce) {
        this.asset = asset;
        this.stores = stores;
        this.taker = taker;
        this.coverage = coverage;
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
            boolean done = turn(() -> announce.accept(mirrorOne()));
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
        } catch (SnapshotAbandonedException | ObjectStoreException | KafkaException e) {
            if (stopped) {
                throw new InterruptedException("stopped: " + e.getMessage());
            }
            String kind = e.getClass().getSimpleName();
            if (!trouble.equals(Optional.of(kind))) {
                LOG.warn("job={} savepoint mirror tries again: {}: {}", asset.name(), kind, e.getMessage());
            }
            trouble = Optional.of(kind);
            return false;
        }
    }

    private ReplicaPosition mirrorOne() throws SnapshotAbandonedException, InterruptedException {
        copyJar();
        Taken taken = taker.take();
        OffsetVector written = coverage.writtenEnds();
        try {
            return mirror(taken, written);
        } catch (UnsupportedSnapshotException e) {
            throw new SnapshotAbandonedException(
                    "savepoint " + taken.location() + " of job " + asset.name() + ": " + e.getMessage());
        }
    }

    private ReplicaPosition mirror(Taken taken, OffsetVector written)
            throws SnapshotAbandonedException, InterruptedException {
        byte[] metadata = stores.sourceStore()
                .get(taken.location().resolve(Snapshot.METADATA))
                .orElseThrow(() -> new SnapshotAbandonedException("savepoint " + taken.location() + " is gone"));
        Snapshot snapshot = Snapshot.open(taken.location(), metadata, stores.sourceStore()::get);
        List<KafkaSourceOperator> sources = snapshot.kafkaSources();
        OffsetVector inputs = inputs(sources);
        String id = ID_TIME.format(taken.triggered()) + "-" + snapshot.checkpointId();
        ObjectUri place = stores.standby().place(id);
        copy(snapshot.files(), place);
        awaitCovered(taken, snapshot.checkpointId(), highest(List.of(inputs, written)));
        byte[] rewritten = snapshot.rewritten(place, translated(sources), asset.sink());
        checkComplete(Snapshot.open(place, rewritten, stores.standbyStore()::get));
        ReplicaPosition position = ReplicaPosition.ofWriter(taken.triggered(), inputs, id, place.toString());
        stores.standby().publish(place, position, rewritten);
        LOG.info(
                "job={} snapshot={} restorable on the standby after {} ms",
                asset.name(),
                id,
                Duration.between(taken.triggered(), Instant.now()).toMillis());
        return position;
    }

    private void prune() {
        stores.standby().keepNewest(asset.keep());
        stores.source().keepNewest(asset.keep());
    }

    private void copyJar() throws SnapshotAbandonedException, InterruptedException {
        Optional<ObjectInfo> jar = stores.sourceStore().head(stores.jarFrom());
        Optional<ObjectInfo> there = stores.standbyStore().head(stores.jarTo());
        if (jar.isEmpty()) {
            throw new SnapshotAbandonedException(
                    "jar " + stores.jarFrom() + " of job " + asset.name() + " is not there");
        }
        if (there.map(ObjectInfo::size).equals(jar.map(ObjectInfo::size))
                && there.map(ObjectInfo::etag).equals(jar.map(ObjectInfo::etag))) {
            return;
        }
        if (there.isPresent()) {
            // A new build of the job under the old name: the copier never replaces what differs.
            stores.standbyStore().delete(stores.jarTo());
        }
        arrived(List.of(new CopyJob(
                stores.jarFrom(), stores.jarTo(), OptionalLong.of(jar.get().size()))));
    }

    private void copy(List<SnapshotFile> files, ObjectUri place)
            throws SnapshotAbandonedException, InterruptedException {
        List<CopyJob> jobs = new ArrayList<>();
        for (SnapshotFile file : files) {
            jobs.add(new CopyJob(
                    file.source(),
                    place.resolve(file.name()),
                    file.whole() ? OptionalLong.of(file.size()) : OptionalLong.empty()));
        }
        arrived(jobs);
    }

    private void arrived(List<CopyJob> jobs) throws SnapshotAbandonedException, InterruptedException {
        List<CopyOutcome> outcomes = stores.copier().copy(jobs);
        for (int i = 0; i < jobs.size(); i++) {
            if (!(outcomes.get(i) instanceof CopyOutcome.Arrived)) {
                throw new SnapshotAbandonedException("copy of " + jobs.get(i).from() + ": " + outcomes.get(i));
            }
        }
    }

    private void awaitCovered(Taken taken, long savepointId, OffsetVector wanted)
            throws SnapshotAbandonedException, InterruptedException {
        Duration within = asset.every().multipliedBy(COVERED_WITHIN_INTERVALS);
        if (within.compareTo(COVERED_WITHIN_LEAST) < 0) {
            within = COVERED_WITHIN_LEAST;
        }
        Instant deadline = Instant.now().plus(within);
        while (!taker.laterCheckpoint(taken, savepointId)) {
            pause(deadline, "no later checkpoint of job " + asset.name() + " completed within " + within);
        }
        for (Optional<String> missing = coverage.notMirrored(wanted);
                missing.isPresent();
                missing = coverage.notMirrored(wanted)) {
            pause(deadline, "savepoint " + taken.location() + " not covered within " + within + ": " + missing.get());
        }
        // Once more: only commits of the very run that took the savepoint count.
        taker.laterCheckpoint(taken, savepointId);
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

    private void checkComplete(Snapshot rewritten) throws SnapshotAbandonedException {
        for (SnapshotFile file : rewritten.files()) {
            Optional<ObjectInfo> there = stores.standbyStore().head(file.source());
            if (there.isEmpty() || !file.fits(there.get().size())) {
                throw new SnapshotAbandonedException(
                        "file " + file.source() + " of " + file.size() + " bytes: on the standby is "
                                + there.map(info -> info.size() + " bytes").orElse("nothing"));
            }
        }
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
