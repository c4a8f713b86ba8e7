package io.breakwater.local.savepoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.breakwater.local.job.AirportDelays;
import io.breakwater.local.savepoint.MatrixCase.Home;
import io.breakwater.local.savepoint.MatrixCase.Taking;
import io.breakwater.local.server.KafkaServer;
import io.breakwater.local.server.Principal;
import io.breakwater.region.FlinkRest;
import io.breakwater.region.ObjectStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.TopicPartition;

/** Jobs with one input that move from east to west together, some of them at a time: that is much faster. */
final class Convoy implements AutoCloseable {

    /** Of the input's name on west, for jobs that expect another name there. */
    static final String PREFIX = "east.";

    private static final String INPUT = "convoy.events";
    private static final long SEED = 20261122;
    private static final int EVENTS = 400;
    private static final Duration SOON = Duration.ofMinutes(2);

    private final TwoClusters clusters;
    private final ObjectStore store;
    private final HomeSnapshot snapshots;
    private final String jar;
    private final int byArchive;
    private final ExecutorService some;
    private final List<Thread> threads = new ArrayList<>();

    /**
     * @param jar as it is uploaded
     * @param atATime how many jobs run at the same time
     * @param byArchive how many of the moves are made by the archive's own command: the last ones
     */
    Convoy(TwoClusters clusters, ObjectStore store, FlinkRest flink, String jar, int atATime, int byArchive) {
        this.clusters = clusters;
        this.store = store;
        this.snapshots = new HomeSnapshot(clusters.flink().url(), flink, "s3://flink-east/savepoints/convoy");
        this.jar = jar;
        this.byArchive = byArchive;
        this.some = Executors.newFixedThreadPool(atATime);
    }

    /**
     * @param expected what a job must have made of the input
     * @param outcomes what each has made of it, or why there is nothing
     */
    record Arrived(Map<String, AirportDelays> expected, Map<MatrixCase, Future<Map<String, AirportDelays>>> outcomes) {

        /** @throws ExecutionException if the job did not arrive */
        Map<String, AirportDelays> outcome(MatrixCase move) throws ExecutionException, InterruptedException {
            return outcomes.get(move).get();
        }
    }

    /** Returns when all jobs have arrived or failed. */
    Arrived move(List<MatrixCase> cases) throws Exception {
        Map<Home, HomeJob> homes = new LinkedHashMap<>();
        Map<Home, EnumSet<Taking>> takings = new HashMap<>();
        Map<MatrixCase, Move> moves = new LinkedHashMap<>();
        for (MatrixCase move : cases) {
            HomeJob home = homes.computeIfAbsent(
                    move.home(), own -> new HomeJob(clusters, snapshots, jar, own, "convoy.home-" + homes.size()));
            takings.computeIfAbsent(move.home(), own -> EnumSet.noneOf(Taking.class))
                    .add(move.taking());
            SavepointProgram program = moves.size() < cases.size() - byArchive
                    ? SavepointProgram.IN_THIS_JVM
                    : SavepointProgram.OF_THE_ARCHIVE;
            moves.put(move, new Move(clusters, home, program, "convoy.delays-" + moves.size(), move));
        }
        create(clusters.east(), List.of(INPUT), homes.values().stream().map(HomeJob::output));
        create(
                clusters.west(),
                List.of(INPUT, PREFIX + INPUT),
                moves.values().stream().map(Move::output));
        AirportInput input = new AirportInput(clusters.east().client(Principal.ADMIN), INPUT);
        Thread producer = run(input);
        List<ShiftingMirror> mirrors = List.of(mirror(topic -> topic, SEED), mirror(topic -> PREFIX + topic, SEED + 1));
        List<Thread> mirroring = mirrors.stream().map(this::run).toList();
        await().atMost(SOON).until(() -> input.events() > EVENTS);

        Map<Home, Future<Map<Taking, String>>> left =
                each(homes.keySet(), home -> homes.get(home).leave(INPUT, takings.get(home)));
        long atLastSnapshot = input.events();
        await().atMost(SOON).until(() -> input.events() > atLastSnapshot + EVENTS);
        stop(producer);
        await().atMost(SOON).until(() -> mirrors.stream().allMatch(mirror -> mirror.copied() == input.events()));
        for (Thread mirror : mirroring) {
            stop(mirror);
        }
        return new Arrived(input.expected(), each(moves.keySet(), move -> {
            String taken = left.get(move.home()).get().get(move.taking());
            Move way = moves.get(move);
            way.requireAsMeant(taken, store);
            return way.goOnInWest(taken, move.prefixed() ? PREFIX + INPUT : INPUT, input.events());
        }));
    }

    private interface Stage<K, T> {
        T of(K one) throws Exception;
    }

    private <K, T> Map<K, Future<T>> each(Collection<K> all, Stage<K, T> stage) throws InterruptedException {
        List<K> ordered = List.copyOf(all);
        List<Future<T>> done = some.invokeAll(
                ordered.stream().map(one -> (Callable<T>) () -> stage.of(one)).toList());
        Map<K, Future<T>> byKey = new LinkedHashMap<>();
        for (int i = 0; i < ordered.size(); i++) {
            byKey.put(ordered.get(i), done.get(i));
        }
        return byKey;
    }

    private static void create(KafkaServer cluster, List<String> inputs, Stream<String> outputs) throws Exception {
        try (Admin admin = Admin.create(cluster.client(Principal.ADMIN))) {
            admin.createTopics(Stream.concat(
                                    inputs.stream()
                                            .map(topic -> new NewTopic(topic, TwoClusters.PARTITIONS, (short) 1)),
                                    outputs.map(topic -> new NewTopic(topic, 1, (short) 1)))
                            .toList())
                    .all()
                    .get();
        }
    }

    private ShiftingMirror mirror(UnaryOperator<String> onWest, long seed) throws Exception {
        return new ShiftingMirror(
                clusters.east().client(Principal.ADMIN),
                clusters.west().client(Principal.ADMIN),
                IntStream.range(0, TwoClusters.PARTITIONS)
                        .mapToObj(partition -> new TopicPartition(INPUT, partition))
                        .toList(),
                clusters.eastClusterId(),
                seed,
                onWest);
    }

    private Thread run(Runnable work) {
        Thread thread = new Thread(work, work.getClass().getSimpleName());
        threads.add(thread);
        thread.start();
        return thread;
    }

    private static void stop(Thread thread) throws InterruptedException {
        thread.interrupt();
        thread.join(Duration.ofSeconds(30).toMillis());
        assertThat(thread.isAlive()).isFalse();
    }

    @Override
    public void close() {
        some.shutdownNow();
        threads.forEach(Thread::interrupt);
    }
}
