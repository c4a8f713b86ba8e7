package io.breakwater.local.bench;

import io.breakwater.local.process.Progress;
import io.breakwater.local.quickstart.Directories;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.region.ObjectStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What copying objects between two stores costs, side by side with rclone: the cases of {@link CopySet}, in megabytes a
 * second, each object compared on arrival by both. The servers and our client live over all rounds, so that only the
 * first run, which is not counted, is on a cold JVM; rclone's start takes some hundredths of a second.
 */
final class DeltaBenchmark implements Benchmark {

    private static final String RATE = "mb_per_s";
    private static final String OURS = "ours";
    private static final String RCLONE = "rclone";

    private final ProjectLayout layout;
    private final Path directory;
    private @Nullable Running running;
    private int round;

    /** What lives over all rounds. */
    private record Running(StorePair stores, CopyClient client, Rclone rclone) {}

    /** @param directory for all files of the run: about 8 GB */
    DeltaBenchmark(ProjectLayout layout, Path directory) {
        this.layout = layout;
        this.directory = directory;
    }

    @Override
    public String name() {
        return "delta";
    }

    @Override
    public List<Comparison> comparisons() {
        return CopySet.ALL.stream()
                .map(set -> new Comparison(set.name(), RATE, OURS, RCLONE))
                .toList();
    }

    @Override
    public List<Sample> round(Progress progress) throws InterruptedException {
        if (running == null) {
            running = started(progress);
        }
        round++;
        List<Sample> samples = new ArrayList<>();
        for (CopySet set : CopySet.ALL) {
            boolean oursFirst = round % 2 == 1; // who comes first finds other caches
            if (oursFirst) {
                samples.add(ours(running, set, progress));
            }
            samples.add(rclone(running, set, progress));
            if (!oursFirst) {
                samples.add(ours(running, set, progress));
            }
        }
        double peak = running.client().peakMebibytes();
        progress.line(String.format(Locale.ROOT, "our client's memory, at most: %.0f MiB", peak));
        samples.add(new Sample("memory/" + OURS, "peak_rss_mib", "MiB", peak));
        return samples;
    }

    private Running started(Progress progress) throws InterruptedException {
        Rclone.require();
        Directories.delete(directory);
        StorePair stores = new StorePair(layout, directory);
        try {
            stores.start(progress);
            try (ObjectStore source = stores.connectSource()) {
                for (CopySet set : CopySet.ALL) {
                    progress.line("filling " + set.name());
                    set.fill(source, stores.place(set.name()), directory);
                }
            }
            Running starting =
                    new Running(stores, new CopyClient(layout, stores, directory), new Rclone(stores, directory));
            for (CopySet set : CopySet.ALL) {
                progress.line("not counted, to warm up:");
                ours(starting, set, progress);
                rclone(starting, set, progress);
            }
            return starting;
        } catch (RuntimeException | InterruptedException e) {
            stores.close();
            throw e;
        }
    }

    private Sample ours(Running with, CopySet set, Progress progress) {
        String to = set.name() + "-" + OURS;
        double seconds = with.client()
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
            running.client().close();
            running.stores().close();
        }
    }
}
