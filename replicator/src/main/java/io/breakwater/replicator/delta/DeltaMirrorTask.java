package io.breakwater.replicator.delta;

import io.breakwater.platform.AssetId;
import io.breakwater.platform.AssetSpec;
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
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries some tables. A table that can't go on is said so in the log and has no new receipts; the others go on, and
 * the task stays alive: with the source dead there is nothing that a failed task would make better.
 */
public final class DeltaMirrorTask extends SourceTask {

    private static final Logger LOG = LoggerFactory.getLogger(DeltaMirrorTask.class);
    private static final Duration POLL = Duration.ofMillis(500);
    /** How often a table without new commits says up to when it is complete. */
    private static final Duration IDLE = Duration.ofSeconds(5);

    private static final Duration STORE_TIMEOUT = Duration.ofSeconds(30);

    private final Clock clock = Clock.systemUTC();
    private @Nullable Work work;

    /** What a started task has. */
    private record Work(
            FlowConfig config,
            ObjectStore source,
            ObjectStore target,
            ObjectCopier copier,
            SourceCluster cluster,
            ReceiptRecords receipts,
            List<TableMirror> mirrors,
            Map<AssetId, Announced> announced,
            Map<AssetId, String> said) {}

    /** The newest announced version of a table. */
    private record Announced(MirroredVersion version, Instant asOf) {}

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
        List<TableMirror> mirrors = new ArrayList<>();
        for (String index :
                settings.getOrDefault(DeltaMirrorConnector.TABLES, "").split(",", -1)) {
            AssetSpec spec = tables.get(Integer.parseInt(index));
            String path = spec.required("path");
            mirrors.add(new TableMirror(
                    MirroredTable.of(
                            new AssetId(AssetSpec.DELTA_TABLE, spec.required("name")),
                            spec.setting("writer"),
                            source,
                            ObjectUri.parse(config.from().objectStore().locate(path)),
                            target,
                            ObjectUri.parse(config.to().objectStore().locate(path)),
                            copier),
                    clock));
        }
        work = new Work(
                config,
                source,
                target,
                copier,
                new SourceCluster(config.from().kafka(), clock),
                new ReceiptRecords(config.groupName(), config.flow()),
                mirrors,
                new HashMap<>(),
                new HashMap<>());
    }

    @Override
    public @Nullable List<SourceRecord> poll() throws InterruptedException {
        Work now = work;
        if (now == null) {
            throw new IllegalStateException("polled before it was started");
        }
        List<SourceRecord> records = new ArrayList<>();
        boolean more = false;
        for (TableMirror mirror : now.mirrors()) {
            Progress progress = mirror.advance();
            say(now, mirror, progress);
            more |= progress instanceof Progress.Moving;
            records.addAll(receipts(now, mirror, progress));
        }
        records.addAll(now.receipts().due(clock.instant()));
        if (records.isEmpty() && !more) {
            TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
        }
        return records.isEmpty() ? null : records;
    }

    private List<SourceRecord> receipts(Work now, TableMirror mirror, Progress progress) throws InterruptedException {
        AssetId asset = mirror.table().asset();
        if (progress instanceof Progress.Stopped) {
            now.receipts().forget(asset);
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
            records.add(announce(now, mirror, new Announced(version, version.committed()), cluster));
        }
        Announced last = now.announced().get(asset);
        if (records.isEmpty()
                && last != null
                && progress instanceof Progress.UpToDate upToDate
                && last.asOf().plus(IDLE).isBefore(upToDate.asOf())) {
            records.add(announce(now, mirror, new Announced(last.version(), upToDate.asOf()), cluster));
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
                                table.target().table().toString()),
                        clock.instant());
    }

    /** Says a trouble once, and once that it is over. */
    private static void say(Work now, TableMirror mirror, Progress progress) {
        AssetId asset = mirror.table().asset();
        String group = now.config().groupName();
        if (progress instanceof Progress.Stopped halted) {
            if (!halted.reason().equals(now.said().put(asset, halted.reason()))) {
                LOG.error("group={} asset={} stopped: {}", group, asset, halted.reason());
            }
        } else if (progress instanceof Progress.Waiting waiting) {
            // The kind of trouble is said, not each variation of its text.
            if (now.said().put(asset, "waiting") == null) {
                LOG.warn("group={} asset={} waiting: {}", group, asset, waiting.reason());
            }
        } else if (now.said().remove(asset) != null) {
            LOG.info("group={} asset={} goes on: {}", group, asset, mirror);
        }
    }

    /** Connect calls it on the thread that polls. */
    @Override
    public void stop() {
        Work ended = work;
        if (ended != null) {
            work = null;
            ended.copier().close();
            ended.source().close();
            ended.target().close();
        }
    }
}
