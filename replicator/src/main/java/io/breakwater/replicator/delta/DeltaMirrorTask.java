package io.breakwater.replicator.delta;

import io.breakwater.platform.Alarm;
import io.breakwater.platform.AssetId;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.MirrorHealth;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.ReplicaPosition;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.S3ObjectStore;
import io.breakwater.replicator.FlowConfig;
import io.breakwater.replicator.copy.CopyLimits;
import io.breakwater.replicator.copy.ObjectCopier;
import io.breakwater.replicator.receipts.ReceiptRecords;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;
import org.jspecify.annotations.Nullable;

/**
 * Carries some tables. A table that can't go on is said so, in the log and as an alarm among the receipts, and has no
 * new receipts of its own; it is tried again and again, the others go on, and the task stays alive: with the source dead
 * there is nothing that a failed task would make better.
 */
public final class DeltaMirrorTask extends SourceTask {

    private static final Duration POLL = Duration.ofMillis(500);
    /** A table that takes long, such as one that is seeded, holds up no other. */
    private static final int MOST_AT_ONCE = 8;

    /** How often a table without new commits says up to when it is complete. */
    private static final Duration IDLE = Duration.ofSeconds(5);

    private static final Duration STORE_TIMEOUT = Duration.ofSeconds(30);

    private final Clock clock = Clock.systemUTC();
    private @Nullable Work work;
    private Optional<List<Alarm>> reported = Optional.empty();

    /** What a started task has. */
    private record Work(
            FlowConfig config,
            ObjectStore source,
            ObjectStore target,
            ObjectCopier copier,
            SourceCluster cluster,
            ReceiptRecords receipts,
            AssetId reporter,
            List<TableTurns> tables,
            List<AheadRun> ahead,
            ExecutorService threads,
            CompletionService<TableTurns.Step> steps,
            Map<AssetId, Announced> announced) {}

    /**
     * The newest announced version of a table.
     *
     * @param heldBack what a delay holds back
     */
    private record Announced(MirroredVersion version, Instant asOf, Optional<String> heldBack) {}

    @Override
    public String version() {
        return "1";
    }

    @Override
    public void start(Map<String, String> settings) {
        FlowConfig config = new FlowConfig(settings);
        ObjectStore source = S3ObjectStore.connect(config.from().objectStore(), STORE_TIMEOUT);
        ObjectStore target = S3ObjectStore.connect(config.to().objectStore(), STORE_TIMEOUT);
        ObjectCopier copier = new ObjectCopier(source, target, CopyLimits.standard());
        List<AssetSpec> tables = config.group().assets(AssetSpec.DELTA_TABLE);
        List<TableTurns> turns = new ArrayList<>();
        List<AheadRun> ahead = new ArrayList<>();
        for (AssignedTable assigned : AssignedTable.fromSetting(settings.getOrDefault(AssignedTable.SETTING, "[]"))) {
            AssetSpec spec = tables.get(assigned.spec());
            MirroredTable table = MirroredTable.of(
                            new AssetId(AssetSpec.DELTA_TABLE, assigned.name()),
                            spec.setting("writer"),
                            source,
                            ObjectUri.parse(config.from().objectStore().locate(assigned.path())),
                            target,
                            ObjectUri.parse(config.to().objectStore().locate(assigned.path())),
                            copier,
                            MirrorPolicy.of(
                                    spec, config.from().objectStore().buckets().values()))
                    .with(assigned.share());
            if (assigned.publishes()) {
                turns.add(new TableTurns(new TableMirror(table, clock), config.groupName()));
            } else {
                ahead.add(new AheadRun(new TableAhead(table, clock), config.groupName(), clock));
            }
        }
        ExecutorService threads =
                Executors.newFixedThreadPool(Math.max(1, Math.min(MOST_AT_ONCE, turns.size())) + ahead.size(), step -> {
                    Thread thread = new Thread(step, "delta-table");
                    thread.setDaemon(true);
                    return thread;
                });
        work = new Work(
                config,
                source,
                target,
                copier,
                new SourceCluster(config.from().kafka(), clock),
                new ReceiptRecords(config.groupName(), config.flow()),
                new AssetId(MirrorHealth.ASSET_KIND, "tables-" + settings.getOrDefault(DeltaMirrorConnector.TASK, "0")),
                turns,
                ahead,
                threads,
                new ExecutorCompletionService<>(threads),
                new HashMap<>());
        ahead.forEach(threads::execute);
    }

    @Override
    public @Nullable List<SourceRecord> poll() throws InterruptedException {
        Work now = work;
        if (now == null) {
            throw new IllegalStateException("polled before it was started");
        }
        for (TableTurns table : now.tables()) {
            if (table.begin(clock.instant())) {
                now.steps().submit(() -> table.step(clock));
            }
        }
        List<SourceRecord> records = new ArrayList<>();
        Future<TableTurns.Step> done = now.steps().poll(POLL.toMillis(), TimeUnit.MILLISECONDS);
        for (; done != null; done = now.steps().poll()) {
            TableTurns.Step step = result(done);
            records.addAll(receipts(now, step.table().mirror(), step.progress()));
            step.table().ended(step);
        }
        report(now).ifPresent(records::add);
        records.addAll(now.receipts().due(clock.instant()));
        return records.isEmpty() ? null : records;
    }

    private static TableTurns.Step result(Future<TableTurns.Step> done) throws InterruptedException {
        try {
            return done.get();
        } catch (ExecutionException e) {
            throw new ConnectException("a table's step failed in a way that is not foreseen: " + e.getCause(), e);
        }
    }

    private List<SourceRecord> receipts(Work now, TableMirror mirror, Progress progress) throws InterruptedException {
        AssetId asset = mirror.table().asset();
        if (progress instanceof Progress.Stopped stopped) {
            // Of a source that was destroyed the last receipt stays true, and is what a failover goes by.
            if (!stopped.sourceGone()) {
                now.receipts().forget(asset);
            }
            return List.of();
        }
        Optional<String> writer = mirror.table().writer();
        Optional<String> cluster = writer.isPresent() ? now.cluster().id() : Optional.empty();
        if (writer.isPresent() && cluster.isEmpty()) {
            // Kept until the cluster has told its id: a receipt without inputs would claim too little.
            return List.of();
        }
        List<SourceRecord> records = new ArrayList<>();
        for (MirroredVersion version : mirror.take()) {
            records.add(announce(now, mirror, new Announced(version, version.committed(), mirror.heldBack()), cluster));
        }
        Announced last = now.announced().get(asset);
        if (records.isEmpty()
                && last != null
                && progress instanceof Progress.UpToDate upToDate
                && (last.asOf().plus(IDLE).isBefore(upToDate.asOf())
                        || !last.heldBack().equals(mirror.heldBack()))) {
            records.add(
                    announce(now, mirror, new Announced(last.version(), upToDate.asOf(), mirror.heldBack()), cluster));
        }
        return records;
    }

    private SourceRecord announce(Work now, TableMirror mirror, Announced position, Optional<String> cluster) {
        MirroredTable table = mirror.table();
        OffsetVector inputs = table.writer()
                .flatMap(writer -> cluster.map(id -> position.version().inputs().of(writer, id)))
                .orElse(OffsetVector.EMPTY);
        now.announced().put(table.asset(), position);
        return now.receipts()
                .announce(
                        table.asset(),
                        ReplicaPosition.ofWriter(
                                        position.asOf(),
                                        inputs,
                                        Long.toString(position.version().version()),
                                        table.target().table().toString())
                                .with(
                                        position.heldBack()
                                                .or(() -> position.version().notice()),
                                        position.version().carried()),
                        clock.instant());
    }

    /** What is wrong, when that has changed; between that the last report is repeated. */
    private Optional<SourceRecord> report(Work now) {
        Instant at = clock.instant();
        List<Alarm> alarms = new ArrayList<>();
        now.tables().forEach(table -> {
            table.alarm(at).ifPresent(alarms::add);
            alarms.addAll(table.mirror().alarms());
        });
        now.ahead().forEach(share -> share.alarm(at).ifPresent(alarms::add));
        if (reported.equals(Optional.of(alarms))) {
            return Optional.empty();
        }
        reported = Optional.of(alarms);
        return Optional.of(now.receipts().report(now.reporter(), MirrorHealth.of(alarms), "", clock.instant()));
    }

    /** Connect calls it on the thread that polls. */
    @Override
    public void stop() {
        Work ended = work;
        if (ended != null) {
            work = null;
            ended.threads().shutdownNow();
            ended.copier().close();
            ended.source().close();
            ended.target().close();
        }
    }
}
