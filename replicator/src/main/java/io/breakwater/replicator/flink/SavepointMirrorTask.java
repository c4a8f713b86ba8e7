package io.breakwater.replicator.flink;

import io.breakwater.platform.AssetId;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.ReceivedSnapshots;
import io.breakwater.platform.Region.ObjectStoreSite;
import io.breakwater.platform.ReplicaPosition;
import io.breakwater.platform.SegmentHistory;
import io.breakwater.region.FlinkRest;
import io.breakwater.region.KafkaSettings;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.S3ObjectStore;
import io.breakwater.region.SegmentTopic;
import io.breakwater.replicator.FlowConfig;
import io.breakwater.replicator.copy.CopyLimits;
import io.breakwater.replicator.copy.ObjectCopier;
import io.breakwater.replicator.flink.SavepointMirror.Stores;
import io.breakwater.replicator.receipts.ReceiptRecords;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.utils.AppInfoParser;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The task of {@link SavepointMirrorConnector}. Each job has a thread that does the work; {@link #poll} only hands on
 * what they announce, so that receipts are repeated in time while a dead source keeps the threads waiting.
 */
public final class SavepointMirrorTask extends SourceTask {

    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration RETRY = Duration.ofSeconds(2);
    private static final Logger LOG = LoggerFactory.getLogger(SavepointMirrorTask.class);

    /** In the bucket of role {@code flink}: what this region takes. */
    private static final String TAKEN = "s3://{flink}/breakwater-taken";

    private final BlockingQueue<Announcement> announcements = new LinkedBlockingQueue<>();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final List<SavepointMirror> mirrors = new CopyOnWriteArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final List<AutoCloseable> clients = new CopyOnWriteArrayList<>();
    private Optional<ReceiptRecords> receipts = Optional.empty();

    private record Announcement(AssetId asset, ReplicaPosition position) {}

    @Override
    public void start(Map<String, String> settings) {
        FlowConfig config = new FlowConfig(settings);
        receipts = Optional.of(new ReceiptRecords(config.groupName(), config.flow()));
        ObjectStore source = closing(S3ObjectStore.connect(config.from().objectStore(), TIMEOUT));
        ObjectStore standby = closing(S3ObjectStore.connect(config.to().objectStore(), TIMEOUT));
        ObjectCopier copier = closing(new ObjectCopier(source, standby, CopyLimits.standard()));
        for (AssetSpec spec : config.group().assets(AssetSpec.FLINK_JOB)) {
            FlinkJobAsset asset = FlinkJobAsset.of(config.group(), spec);
            JobTables tables = JobTables.of(config.group(), spec);
            start(asset, config, history -> mirror(asset, tables, config, source, standby, copier, history));
        }
    }

    private interface Making {
        SavepointMirror of(SegmentHistory history);
    }

    private SavepointMirror mirror(
            FlinkJobAsset asset,
            JobTables tables,
            FlowConfig config,
            ObjectStore source,
            ObjectStore standby,
            ObjectCopier copier,
            SegmentHistory history) {
        ObjectUri taken = place(config.from().objectStore(), TAKEN, config.groupName(), asset);
        ObjectUri received =
                place(config.to().objectStore(), ReceivedSnapshots.under(history.epoch()), config.groupName(), asset);
        RunningJob job = new RunningJob(new FlinkRest(config.from().flink().url()), asset.name());
        return new SavepointMirror(
                asset,
                new Stores(
                        source,
                        standby,
                        copier,
                        new SnapshotShelf(source, taken),
                        new SnapshotShelf(standby, received),
                        ObjectUri.parse(config.from().objectStore().locate(asset.jar())),
                        ObjectUri.parse(config.to().objectStore().locate(asset.jar()))),
                job,
                asset.kind().origin(job, asset.name(), taken),
                closing(new MirrorCoverage(config, history, asset.outputs())),
                tables.isEmpty() ? Optional.empty() : Optional.of(closing(new AnnouncedTables(config, tables, source))),
                position -> announcements.add(new Announcement(asset.id(), position)));
    }

    private static ObjectUri place(ObjectStoreSite site, String prefix, String group, FlinkJobAsset asset) {
        return ObjectUri.parse(site.locate(prefix)).resolve(group).resolve(asset.name());
    }

    private <T extends AutoCloseable> T closing(T client) {
        clients.add(client);
        return client;
    }

    private void start(FlinkJobAsset asset, FlowConfig config, Making making) {
        Thread thread = new Thread(
                () -> {
                    try {
                        SavepointMirror mirror = making.of(history(config));
                        mirrors.add(mirror);
                        mirror.run();
                    } catch (InterruptedException | InterruptException e) {
                        Thread.currentThread().interrupt();
                    } catch (RuntimeException | Error e) {
                        failure.compareAndSet(null, e);
                    }
                },
                "savepoint-mirror-" + asset.name());
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    /** The controller writes it before it lets the flow run; so what is read once counts until the task is stopped. */
    private static SegmentHistory history(FlowConfig config) throws InterruptedException {
        boolean told = false;
        while (true) {
            try {
                return SegmentTopic.read(KafkaSettings.mirror(config.to().kafka()), config.groupName());
            } catch (InterruptException e) {
                throw e;
            } catch (KafkaException e) {
                if (!told) {
                    LOG.warn(
                            "group={} savepoint mirror waits for the segments of {}: {}",
                            config.groupName(),
                            config.flow(),
                            e.getMessage());
                    told = true;
                }
                TimeUnit.MILLISECONDS.sleep(RETRY.toMillis());
            }
        }
    }

    @Override
    public @Nullable List<SourceRecord> poll() throws InterruptedException {
        ReceiptRecords out = receipts.orElseThrow(() -> new IllegalStateException("polled before it was started"));
        List<SourceRecord> records = new ArrayList<>();
        Announcement next = announcements.poll(POLL.toMillis(), TimeUnit.MILLISECONDS);
        while (next != null) {
            records.add(out.announce(next.asset(), next.position(), Instant.now()));
            next = announcements.poll();
        }
        Throwable failed = failure.get();
        if (failed != null) {
            throw new ConnectException("the savepoint mirror ended: " + failed, failed);
        }
        records.addAll(out.due(Instant.now()));
        return records.isEmpty() ? null : records;
    }

    @Override
    public void stop() {
        mirrors.forEach(SavepointMirror::stop);
        threads.forEach(Thread::interrupt);
        for (Thread thread : threads) {
            try {
                thread.join(TIMEOUT.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        for (int i = clients.size() - 1; i >= 0; i--) {
            try {
                clients.get(i).close();
            } catch (Exception e) {
                throw new ConnectException("closing clients of the savepoint mirror: " + e, e);
            }
        }
        clients.clear();
    }

    @Override
    public String version() {
        return AppInfoParser.getVersion();
    }
}
