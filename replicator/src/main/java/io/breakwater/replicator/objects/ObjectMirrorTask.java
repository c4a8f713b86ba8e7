package io.breakwater.replicator.objects;

import io.breakwater.platform.Alarm;
import io.breakwater.platform.AssetId;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.MirrorHealth;
import io.breakwater.platform.Receipt;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.S3ObjectStore;
import io.breakwater.replicator.FlowConfig;
import io.breakwater.replicator.copy.CopyLimits;
import io.breakwater.replicator.copy.ObjectCopier;
import io.breakwater.replicator.receipts.ReceiptRecords;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.common.utils.AppInfoParser;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;
import org.jspecify.annotations.Nullable;

/**
 * Carries some prefixes, each on a thread of its own. While a store does not answer, the task stays alive, repeats what
 * still holds and says so as an alarm.
 */
public final class ObjectMirrorTask extends SourceTask {

    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration STORE_TIMEOUT = Duration.ofSeconds(30);
    private static final int QUEUED = 100;

    private final Clock clock = Clock.systemUTC();
    private @Nullable Work work;
    private Optional<List<Alarm>> reported = Optional.empty();

    /** What a started task has. */
    private record Work(
            ObjectStore source,
            ObjectStore target,
            ObjectCopier copier,
            ReceiptRecords receipts,
            AssetId reporter,
            List<PrefixRun> runs,
            List<SourceRecord> known,
            BlockingQueue<PrefixRun.Reached> reached,
            ExecutorService threads,
            List<Future<Void>> running) {}

    @Override
    public String version() {
        return AppInfoParser.getVersion();
    }

    @Override
    public void start(Map<String, String> settings) {
        FlowConfig config = new FlowConfig(settings);
        ObjectStore source = S3ObjectStore.connect(config.from().objectStore(), STORE_TIMEOUT);
        ObjectStore target = S3ObjectStore.connect(config.to().objectStore(), STORE_TIMEOUT);
        ObjectCopier copier = ObjectCopier.amongOtherWriters(source, target, CopyLimits.standard());
        ReceiptRecords receipts = new ReceiptRecords(config.groupName(), config.flow());
        BlockingQueue<PrefixRun.Reached> reached = new ArrayBlockingQueue<>(QUEUED);
        List<PrefixMirror> mirrors = new ArrayList<>();
        List<AssetSpec> specs = config.group().assets(AssetSpec.S3_PREFIX);
        for (String place :
                settings.getOrDefault(ObjectMirrorConnector.PREFIXES, "").split(",", -1)) {
            PrefixAsset asset = PrefixAsset.of(specs.get(Integer.parseInt(place)));
            mirrors.add(new PrefixMirror(
                    asset,
                    new PrefixEnds(
                            source,
                            ObjectUri.parse(config.from().objectStore().locate(asset.prefix())),
                            target,
                            ObjectUri.parse(config.to().objectStore().locate(asset.prefix())),
                            copier),
                    clock));
        }
        List<PrefixRun> runs = mirrors.stream()
                .map(mirror -> new PrefixRun(mirror, config.groupName(), reached, clock))
                .toList();
        ExecutorService threads = Executors.newFixedThreadPool(runs.size(), run -> {
            Thread thread = new Thread(run, "object-prefix");
            thread.setDaemon(true);
            return thread;
        });
        work = new Work(
                source,
                target,
                copier,
                receipts,
                new AssetId(
                        MirrorHealth.ASSET_KIND, "objects-" + settings.getOrDefault(ObjectMirrorConnector.TASK, "0")),
                runs,
                announcedBefore(mirrors, receipts),
                reached,
                threads,
                runs.stream().map(threads::submit).toList());
    }

    /** A pass over a large prefix takes its time; until the first one ends, what was announced before holds. */
    private List<SourceRecord> announcedBefore(List<PrefixMirror> mirrors, ReceiptRecords receipts) {
        Map<AssetId, String> places = mirrors.stream()
                .collect(Collectors.toMap(
                        mirror -> mirror.asset().id(),
                        mirror -> mirror.ends().target().toString()));
        List<SourceRecord> records = new ArrayList<>();
        for (Receipt receipt :
                receipts.before(context.offsetStorageReader(), places.keySet()).values()) {
            if (receipt.position().location().equals(Optional.ofNullable(places.get(receipt.asset())))) {
                records.add(receipts.announce(receipt.asset(), receipt.position(), clock.instant()));
            }
        }
        return records;
    }

    @Override
    public @Nullable List<SourceRecord> poll() throws InterruptedException {
        Work now = work;
        if (now == null) {
            throw new IllegalStateException("polled before it was started");
        }
        List<SourceRecord> records = new ArrayList<>(now.known());
        now.known().clear();
        Optional<PrefixRun.Reached> first =
                Optional.ofNullable(now.reached().poll(POLL.toMillis(), TimeUnit.MILLISECONDS));
        List<PrefixRun.Reached> positions = new ArrayList<>(first.stream().toList());
        now.reached().drainTo(positions);
        for (PrefixRun.Reached reached : positions) {
            records.add(now.receipts().announce(reached.mirror().asset().id(), reached.position(), clock.instant()));
        }
        checkRunning(now);
        report(now).ifPresent(records::add);
        records.addAll(now.receipts().due(clock.instant()));
        return records.isEmpty() ? null : records;
    }

    private static void checkRunning(Work now) throws InterruptedException {
        for (Future<Void> run : now.running()) {
            if (run.isDone()) {
                try {
                    run.get();
                } catch (ExecutionException e) {
                    throw new ConnectException(
                            "a prefix's pass failed in a way that is not foreseen: " + e.getCause(), e);
                }
            }
        }
    }

    /** What is wrong, when that has changed; between that the last report is repeated. */
    private Optional<SourceRecord> report(Work now) {
        List<Alarm> alarms = now.runs().stream()
                .flatMap(run -> run.alarms(clock.instant()).stream())
                .toList();
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
