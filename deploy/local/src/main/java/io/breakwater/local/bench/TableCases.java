package io.breakwater.local.bench;

import io.breakwater.local.bench.Benchmark.Comparison;
import io.breakwater.local.bench.Benchmark.Sample;
import io.breakwater.local.process.Progress;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.region.ObjectStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What following tables costs, through the real connector in its own worker: ten changed files of a table of 100,000,
 * side by side with {@code rclone sync} of the same change (case {@value #FOLLOW}, seconds), and the lag from a commit
 * until it can be read at the target, at five commits a second (case {@value #LAG}, milliseconds). The worker lives
 * over all rounds.
 */
final class TableCases implements AutoCloseable {

    static final String FOLLOW = "follow-100k";
    static final String LAG = "5ps";

    private static final String OURS = "ours";
    private static final String RCLONE = "rclone";
    private static final String BIG = "big";
    private static final String BIG_OF_RCLONE = "big-rclone";
    private static final String STEADY = "steady";
    private static final int WARM_UPS = 3;

    private final StorePair stores;
    private final Rclone rclone;
    private final DeltaBenchmark.Settings settings;
    private final ObjectStore source;
    private final ObjectStore target;
    private final BigTable big;
    private final WatchedTable bigTable;
    private final SteadyCommits commits;
    private final MirroredTables mirror;

    /** @param settings say which of the two cases run, and how long the lag is measured in a round */
    TableCases(
            ProjectLayout layout, StorePair stores, Rclone rclone, Path directory, DeltaBenchmark.Settings settings) {
        this.stores = stores;
        this.rclone = rclone;
        this.settings = settings;
        this.source = stores.connectSource();
        this.target = stores.connectTarget();
        this.big = new BigTable(stores, BIG);
        this.bigTable = new WatchedTable(source, target, stores.place(BIG));
        this.commits = new SteadyCommits(new WatchedTable(source, target, stores.place(STEADY)));
        this.mirror = new MirroredTables(layout, stores, directory.resolve("tables"));
    }

    static List<Comparison> comparisons() {
        return List.of(new Comparison(FOLLOW, "seconds", RCLONE, OURS));
    }

    void start(Progress progress) throws InterruptedException {
        if (has(FOLLOW)) {
            progress.line("filling " + FOLLOW);
            big.make(source, List.of(BIG, BIG_OF_RCLONE));
        }
        commits.make();
        mirror.start(progress);
        if (has(FOLLOW)) {
            progress.line("not counted, to warm up:");
            for (int i = 0; i < WARM_UPS; i++) {
                ours(progress);
            }
            rclone(progress);
        }
    }

    private boolean has(String name) {
        return settings.cases().contains(name);
    }

    List<Sample> round(Progress progress) throws InterruptedException {
        List<Sample> samples = new ArrayList<>();
        if (has(FOLLOW)) {
            samples.add(ours(progress));
            samples.add(rclone(progress));
        }
        if (has(LAG)) {
            samples.addAll(lags(progress));
        }
        double peak = PeakMemory.mebibytes(mirror.pid());
        progress.line(String.format(Locale.ROOT, "the table mirror's memory, at most: %.0f MiB", peak));
        samples.add(new Sample("memory/mirror", "peak_rss_mib", "MiB", peak));
        return samples;
    }

    private List<Sample> lags(Progress progress) throws InterruptedException {
        List<Double> lags = commits.milliseconds(settings.steady());
        List<Double> sorted = lags.stream().sorted().toList();
        progress.line(String.format(
                Locale.ROOT,
                "%s: %d commits, median lag %.0f ms, at most %.0f ms",
                LAG,
                sorted.size(),
                sorted.get(sorted.size() / 2),
                sorted.get(sorted.size() - 1)));
        return lags.stream().map(lag -> new Sample(LAG, "lag_ms", "ms", lag)).toList();
    }

    private Sample ours(Progress progress) throws InterruptedException {
        return sample(OURS, big.change(bigTable), progress);
    }

    private Sample rclone(Progress progress) throws InterruptedException {
        return sample(RCLONE, rclone.syncSeconds(stores.place(BIG), stores.place(BIG_OF_RCLONE)), progress);
    }

    private static Sample sample(String variant, double seconds, Progress progress) {
        progress.line(String.format(Locale.ROOT, "%s, %s: %.2f s", FOLLOW, variant, seconds));
        return new Sample(FOLLOW + "/" + variant, "seconds", "s", seconds);
    }

    @Override
    public void close() {
        mirror.close();
        source.close();
        target.close();
    }
}
