package io.breakwater.local.bench;

import io.breakwater.local.process.Progress;
import io.breakwater.local.quickstart.Directories;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.platform.PartitionKey;
import io.breakwater.region.KafkaAnswer;
import io.breakwater.region.PositionTranslator;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * What mirroring a cluster costs, Breakwater's flow side by side with MirrorMaker 2 and with a plain copy: megabytes a
 * second of a topic that is full already (case {@code 1KB}), the lag at a steady rate (case {@code 2000ps}), and the
 * time to translate the positions of 1,000 group-partitions (case {@code positions}). The servers live over all rounds,
 * so that only the first runs are on a cold JVM: whole mirrorings by each variant and a time at the steady rate, which
 * are not counted. A worker's compiler needs several until a run takes as long as the one before.
 */
final class KafkaBenchmark implements Benchmark {

    private static final String THROUGHPUT = "1KB";
    private static final String COPY = "copy";
    private static final int GROUPS = 100;
    private static final int WARM_UPS = 4;

    /** So that each group has a place of its own. */
    static final int FEWEST_RECORDS = GROUPS * FilledTopic.PARTITIONS;

    /**
     * @param directory for all files of the run
     * @param records that each variant mirrors in a round
     * @param rate records a second, where the lag is measured
     * @param steady how long it is measured in a round
     */
    record Settings(Path directory, int records, int rate, Duration steady) {}

    private final ProjectLayout layout;
    private final Settings settings;
    private @Nullable MirroredClusters clusters;
    private int round;

    KafkaBenchmark(ProjectLayout layout, Settings settings) {
        this.layout = layout;
        this.settings = settings;
    }

    @Override
    public String name() {
        return "kafka";
    }

    @Override
    public List<Comparison> comparisons() {
        String ours = MirrorVariant.OURS.label();
        return List.of(
                new Comparison(THROUGHPUT, "mb_per_s", ours, MirrorVariant.MM2_TUNED.label()),
                new Comparison(THROUGHPUT, "mb_per_s", ours, MirrorVariant.MM2_DEFAULT.label()),
                new Comparison(THROUGHPUT, "mb_per_s", ours, COPY));
    }

    @Override
    public List<Sample> round(Progress progress) throws InterruptedException {
        if (clusters == null) {
            clusters = started(progress);
        }
        round++;
        List<Sample> samples = new ArrayList<>();
        List<MirrorVariant> order = new ArrayList<>(List.of(MirrorVariant.values()));
        Collections.rotate(order, round); // who comes first finds other caches
        if (round % 2 == 0) {
            Collections.reverse(order); // and nobody comes behind the same one always
        }
        for (MirrorVariant variant : order) {
            samples.addAll(mirror(clusters, variant, topic(variant.label(), settings.records()), progress));
        }
        samples.add(copy(clusters, topic(COPY, settings.records()), progress));
        samples.addAll(lag(clusters, progress));
        return samples;
    }

    private MirroredClusters started(Progress progress) throws InterruptedException {
        Directories.delete(settings.directory());
        MirroredClusters starting = new MirroredClusters(layout, settings.directory());
        try {
            starting.start(progress);
            for (int run = 0; run < WARM_UPS; run++) {
                for (MirrorVariant variant : MirrorVariant.values()) {
                    // As it comes, it takes five times as long, and runs the code of the tuned one.
                    if (run == 0 || variant != MirrorVariant.MM2_DEFAULT) {
                        progress.line("not counted, to warm up:");
                        mirror(starting, variant, topic(variant.label() + run, settings.records()), progress);
                    }
                }
            }
            lag(starting, progress);
            return starting;
        } catch (RuntimeException | InterruptedException e) {
            starting.close();
            throw e;
        }
    }

    private FilledTopic topic(String variant, int records) {
        int whole = Math.max(1, records / FilledTopic.PARTITIONS) * FilledTopic.PARTITIONS;
        return new FilledTopic("bench." + round + "." + variant, whole);
    }

    private List<Sample> mirror(MirroredClusters with, MirrorVariant variant, FilledTopic topic, Progress progress)
            throws InterruptedException {
        try (Admin east = with.eastAdmin();
                Admin west = with.westAdmin()) {
            topic.create(east);
            topic.fill(with.east());
            with.run(variant.label(), variant.settings(with.flowSettings(), topic.name()));
            List<Sample> samples = new ArrayList<>();
            samples.add(throughput(variant.label(), topic, new Arrival(topic, with.west()), progress));
            with.stop(variant.label());
            if (variant == MirrorVariant.OURS) {
                samples.add(positions(with, topic, east, progress));
            }
            topic.delete(east);
            topic.delete(west);
            return samples;
        }
    }

    private static Sample copy(MirroredClusters with, FilledTopic topic, Progress progress)
            throws InterruptedException {
        try (Admin east = with.eastAdmin();
                Admin west = with.westAdmin()) {
            topic.create(east);
            topic.create(west);
            topic.fill(with.east());
            PlainCopy copy = new PlainCopy(topic, with.east(), with.west());
            try {
                return throughput(COPY, topic, new Arrival(topic, with.west()), progress);
            } finally {
                copy.end();
                topic.delete(east);
                topic.delete(west);
            }
        }
    }

    private static Sample throughput(String variant, FilledTopic topic, Arrival arrival, Progress progress)
            throws InterruptedException {
        double rate = arrival.megabytesPerSecond();
        progress.line(String.format(Locale.ROOT, "%s: %.0f MB at %.1f MB/s", variant, topic.megabytes(), rate));
        return new Sample(THROUGHPUT + "/" + variant, "mb_per_s", "MB/s", rate);
    }

    /** Of groups at random places, together, as the group mirror translates what it finds. */
    private Sample positions(MirroredClusters with, FilledTopic topic, Admin east, Progress progress)
            throws InterruptedException {
        Uuid source =
                Uuid.fromString(KafkaAnswer.await(east.describeCluster().clusterId(), "id of the source cluster"));
        Random random = new Random(round);
        Map<PartitionKey, SortedSet<Long>> positions = new TreeMap<>();
        for (int partition = 0; partition < FilledTopic.PARTITIONS; partition++) {
            SortedSet<Long> places = new TreeSet<>();
            while (places.size() < GROUPS) {
                places.add((long) random.nextInt(topic.recordsPerPartition() + 1));
            }
            positions.put(new PartitionKey(topic.name(), partition), places);
        }
        long began = System.nanoTime();
        try (PositionTranslator translator = new PositionTranslator(with.west())) {
            translator.searchAll(source, positions, Map.of());
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        progress.line(
                String.format(Locale.ROOT, "%d group-partitions: %.2f s", GROUPS * FilledTopic.PARTITIONS, seconds));
        return new Sample("positions", "translate_s", "s", seconds);
    }

    private List<Sample> lag(MirroredClusters with, Progress progress) throws InterruptedException {
        String caseName = settings.rate() + "ps";
        String topic = "bench." + round + ".steady";
        MirrorVariant ours = MirrorVariant.OURS;
        try (Admin east = with.eastAdmin();
                Admin west = with.westAdmin()) {
            for (Admin cluster : List.of(east, west)) {
                FilledTopic.create(cluster, topic, SteadyLag.PARTITIONS);
            }
            with.run(ours.label(), ours.settings(with.flowSettings(), topic));
            List<Double> lags =
                    new SteadyLag(topic, settings.rate(), settings.steady()).milliseconds(with.east(), with.west());
            with.stop(ours.label());
            for (Admin cluster : List.of(east, west)) {
                FilledTopic.delete(cluster, topic);
            }
            progress.line(String.format(
                    Locale.ROOT,
                    "%s: median lag %.0f ms",
                    caseName,
                    lags.stream().sorted().toList().get(lags.size() / 2)));
            return lags.stream()
                    .map(lag -> new Sample(caseName, "lag_ms", "ms", lag))
                    .toList();
        }
    }

    @Override
    public void close() {
        if (clusters != null) {
            clusters.close();
        }
    }
}
