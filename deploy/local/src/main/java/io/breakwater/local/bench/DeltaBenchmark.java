package io.breakwater.local.bench;

import io.breakwater.local.process.Progress;
import io.breakwater.local.quickstart.Directories;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.region.ObjectStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What copying objects between two stores costs, side by side with rclone: the cases of {@link CopySet}, in megabytes a
 * second, each object compared on arrival by both. The servers and our client live over all rounds, as a
 * replicator does, and their first runs are not counted; rclone's start takes some hundredths of a second. And what following
 * tables costs: {@link TableCases}.
 */
final class DeltaBenchmark implements Benchmark {

    private static final String RATE = "mb_per_s";

    /** Until the JVMs of our client and of the servers have compiled what they run: two runs more are still too few. */
    private static final int WARM_UPS = 4;

    private static final String OURS = "ours";
    private static final String RCLONE = "rclone";

    private final ProjectLayout layout;
    private final Settings settings;
    private @Nullable Running running;
    private int round;

    /** What lives over all rounds. */
    private record Running(StorePair stores, Rclone rclone, Optional<CopyClient> client, Optional<TableCases> tables) {}

    /**
     * @param directory for all files of the run: about 8 GB
     * @param cases to run, of {@link #cases()}
     * @param steady how long the lag is measured in a round
     */
    record Settings(Path directory, Set<String> cases, Duration steady) {}

    DeltaBenchmark(ProjectLayout layout, Settings settings) {
        this.layout = layout;
        this.settings = settings;
    }

    /** The names of all cases. */
    static List<String> cases() {
        return Stream.concat(CopySet.ALL.stream().map(CopySet::name), Stream.of(TableCases.FOLLOW, TableCases.LAG))
                .toList();
    }

    private List<CopySet> sets() {
        return CopySet.ALL.stream()
                .filter(set -> settings.cases().contains(set.name()))
                .toList();
    }

    private boolean hasTables() {
        return settings.cases().contains(TableCases.FOLLOW) || settings.cases().contains(TableCases.LAG);
    }

    @Override
    public String name() {
        return "delta";
    }

    @Override
    public List<Comparison> comparisons() {
        return Stream.concat(
                        sets().stream().map(set -> new Comparison(set.name(), RATE, OURS, RCLONE)),
                        settings.cases().contains(TableCases.FOLLOW) ? TableCases.comparisons().stream() : Stream.of())
                .toList();
    }

    @Override
    public List<Sample> round(Progress progress) throws InterruptedException {
        if (running == null) {
            running = started(progress);
        }
        round++;
        List<Sample> samples = new ArrayList<>();
        for (CopySet set : sets()) {
            boolean oursFirst = round % 2 == 1; // who comes first finds other caches
            if (oursFirst) {
                samples.add(ours(running, set, progress));
            }
            samples.add(rclone(running, set, progress));
            if (!oursFirst) {
                samples.add(ours(running, set, progress));
            }
        }
        if (running.client().isPresent()) {
            double peak = running.client().get().peakMebibytes();
            progress.line(String.format(Locale.ROOT, "our client's memory, at most: %.0f MiB", peak));
            samples.add(new Sample("memory/" + OURS, "peak_rss_mib", "MiB", peak));
        }
        if (running.tables().isPresent()) {
            samples.addAll(running.tables().get().round(progress));
        }
        return samples;
    }

    private Running started(Progress progress) throws InterruptedException {
        Rclone.require();
        Path directory = settings.directory();
        Directories.delete(directory);
        StorePair stores = new StorePair(layout, directory);
        try {
            stores.start(progress);
            Rclone rclone = new Rclone(stores, directory);
            Running starting = new Running(
                    stores,
                    rclone,
                    sets().isEmpty() ? Optional.empty() : Optional.of(new CopyClient(layout, stores, directory)),
                    hasTables()
                            ? Optional.of(new TableCases(layout, stores, rclone, directory, settings))
                            : Optional.empty());
            try {
                warmUp(starting, progress);
            } catch (RuntimeException | InterruptedException e) {
                end(starting);
                throw e;
            }
            return starting;
        } catch (RuntimeException | InterruptedException e) {
            stores.close();
            throw e;
        }
    }

    private void warmUp(Running starting, Progress progress) throws InterruptedException {
        try (ObjectStore source = starting.stores().connectSource()) {
            for (CopySet set : sets()) {
                progress.line("filling " + set.name());
                set.fill(source, starting.stores().place(set.name()), settings.directory());
            }
        }
        for (CopySet set : sets()) {
            int warmUps = set.objects() > 1 ? WARM_UPS : 1; // a large object is as long as several sets
            for (int run = 0; run < warmUps; run++) {
                progress.line("not counted, to warm up:");
                ours(starting, set, progress);
                rclone(starting, set, progress);
            }
        }
        if (starting.tables().isPresent()) {
            starting.tables().get().start(progress);
        }
    }

    private Sample ours(Running with, CopySet set, Progress progress) {
        String to = set.name() + "-" + OURS;
        double seconds = with.client()
                .orElseThrow()
                .seconds(with.stores().place(set.name()), with.stores().place(to), set.objects());
        with.stores().deleteAtTarget(to);
        return sample(set, OURS, seconds, progress);
    }

    private Sample rclone(Running with, CopySet set, Progress progress) throws InterruptedException {
        String to = set.name() + "-" + RCLONE;
        double seconds = with.rclone()
                .copySeconds(with.stores().place(set.name()), with.stores().place(to));
        with.stores().deleteAtTarget(to);
        return sample(set, RCLONE, seconds, progress);
    }

    private static Sample sample(CopySet set, String variant, double seconds, Progress progress) {
        double rate = set.megabytes() / seconds;
        progress.line(String.format(Locale.ROOT, "%s, %s: %.2f s, %.1f MB/s", set.name(), variant, seconds, rate));
        return new Sample(set.name() + "/" + variant, RATE, "MB/s", rate);
    }

    @Override
    public void close() {
        if (running != null) {
            end(running);
            running.stores().close();
        }
    }

    private static void end(Running ended) {
        ended.client().ifPresent(CopyClient::close);
        ended.tables().ifPresent(TableCases::close);
    }
}
