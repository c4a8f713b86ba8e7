package io.breakwater.local.bench;

import io.breakwater.local.process.Progress;
import io.breakwater.local.process.ServerFailedException;
import io.breakwater.local.quickstart.Directories;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.region.FlinkRest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How long a job's savepoint takes to be restorable in the other region, from the moment in which it is complete, and
 * how long the job takes there from its submission to its first checkpoint. The job and its mirror live over all rounds;
 * there are about two savepoints in five seconds. Both times are those of files in the stores, on this machine's clock.
 */
final class FlinkBenchmark implements Benchmark {

    private static final String METADATA = "_metadata";
    private static final int WARM_UP = 3;
    private static final int RESTORES = 3;
    private static final Duration POLL = Duration.ofMillis(20);
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final ProjectLayout layout;
    private final Settings settings;
    private final Map<Path, Instant> seen = new HashMap<>();
    private @Nullable Running running;

    private record Running(StorePair stores, MirroredJob job, SteadyFlights input) {}

    /**
     * @param directory for all files of the run
     * @param rate events a second
     * @param steady how long savepoints are measured in a round
     */
    record Settings(Path directory, int rate, Duration steady) {}

    FlinkBenchmark(ProjectLayout layout, Settings settings) {
        this.layout = layout;
        this.settings = settings;
    }

    @Override
    public String name() {
        return "flink";
    }

    @Override
    public List<Sample> round(Progress progress) throws InterruptedException {
        if (running == null) {
            running = started(progress);
        }
        MirroredJob job = running.job();
        job.startSavepoints();
        List<Sample> samples = new ArrayList<>();
        for (double milliseconds : restorable(job)) {
            samples.add(new Sample("savepoint", "complete_to_restorable_ms", "ms", milliseconds));
        }
        job.stopSavepoints();
        String newest = seen.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .orElseThrow()
                .getKey()
                .getFileName()
                .toString();
        progress.line(samples.size() + " savepoints, the newest one is " + newest);
        for (int i = 0; i < RESTORES; i++) {
            double seconds = firstCheckpoint(job, MirroredJob.address(newest));
            progress.line(String.format(Locale.ROOT, "restored: first checkpoint after %.2f s", seconds));
            samples.add(new Sample("restore", "submission_to_first_checkpoint_s", "s", seconds));
        }
        return samples;
    }

    private Running started(Progress progress) throws InterruptedException {
        Directories.delete(settings.directory());
        StorePair stores = new StorePair(layout, settings.directory());
        try {
            stores.start(progress);
            MirroredJob job = new MirroredJob(layout, stores, settings.directory());
            try {
                job.start(progress);
                return new Running(stores, job, new SteadyFlights(job.eastClient(), settings.rate()));
            } catch (RuntimeException | InterruptedException e) {
                job.close();
                throw e;
            }
        } catch (RuntimeException | InterruptedException e) {
            stores.close();
            throw e;
        }
    }

    /** In milliseconds, of each savepoint of the time that is measured; the first ones, that warm up, are left out. */
    private List<Double> restorable(MirroredJob job) throws InterruptedException {
        List<Double> times = new ArrayList<>();
        int warm = seen.isEmpty() ? WARM_UP : 0;
        long began = System.nanoTime();
        boolean measuring = false;
        while (!measuring || System.nanoTime() - began < settings.steady().toNanos()) {
            for (Map.Entry<Path, Instant> snapshot : complete(job.restorable()).entrySet()) {
                if (seen.putIfAbsent(snapshot.getKey(), snapshot.getValue()) != null) {
                    continue;
                }
                if (seen.size() > warm) {
                    times.add(Duration.between(taken(job, snapshot.getValue()), snapshot.getValue())
                                    .toMillis()
                            * 1.0);
                } else if (seen.size() == warm) {
                    measuring = true;
                    began = System.nanoTime();
                }
            }
            measuring |= warm == 0;
            if (!measuring && System.nanoTime() - began > LIMIT.toNanos()) {
                throw new ServerFailedException("no " + WARM_UP + " savepoints within " + LIMIT.toSeconds()
                        + " s; the replicator's log says why");
            }
            TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
        }
        if (times.isEmpty()) {
            throw new ServerFailedException(
                    "no savepoint within " + settings.steady().toSeconds() + " s");
        }
        return times;
    }

    /** When the savepoint was complete that is restorable since then: one at a time is on its way, so the newest. */
    private static Instant taken(MirroredJob job, Instant restorable) {
        return complete(job.taken()).values().stream()
                .filter(complete -> complete.isBefore(restorable))
                .max(Instant::compareTo)
                .orElseThrow(() -> new ServerFailedException("no savepoint in " + job.taken()));
    }

    /** The snapshots below a folder, with the time of their metadata, which comes last. */
    private static Map<Path, Instant> complete(Path folder) {
        Map<Path, Instant> complete = new HashMap<>();
        if (!Files.isDirectory(folder)) {
            return complete;
        }
        try (Stream<Path> snapshots = Files.list(folder)) {
            for (Path snapshot : snapshots.toList()) {
                metadataTime(snapshot).ifPresent(time -> complete.put(snapshot, time));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return complete;
    }

    /** Empty if it has none, or none any more. */
    private static Optional<Instant> metadataTime(Path snapshot) throws IOException {
        try {
            return Optional.of(
                    Files.getLastModifiedTime(snapshot.resolve(METADATA)).toInstant());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private static double firstCheckpoint(MirroredJob job, String savepoint) throws InterruptedException {
        FlinkRest west = job.rest(MirroredJob.WEST);
        long began = System.nanoTime();
        String id = job.submit(MirroredJob.WEST, Optional.of(savepoint));
        await(
                "the restored job's first checkpoint",
                () -> west.checkpoints(id)
                        .ifOk()
                        .flatMap(FlinkRest.Checkpoints::latest)
                        .isPresent());
        double seconds = (System.nanoTime() - began) / 1e9;
        west.cancel(id);
        await(
                "the restored job's end",
                () -> west.jobs()
                        .ifOk()
                        .filter(jobs -> jobs.stream().allMatch(FlinkRest.Job::terminal))
                        .isPresent());
        return seconds;
    }

    private interface Question {
        boolean ask() throws InterruptedException;
    }

    private static void await(String what, Question question) throws InterruptedException {
        long began = System.nanoTime();
        while (!question.ask()) {
            if (System.nanoTime() - began > LIMIT.toNanos()) {
                throw new ServerFailedException("waited " + LIMIT.toSeconds() + " s in vain for " + what);
            }
            TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
        }
    }

    @Override
    public void close() {
        if (running != null) {
            running.input().close();
            running.job().close();
            running.stores().close();
        }
    }
}
