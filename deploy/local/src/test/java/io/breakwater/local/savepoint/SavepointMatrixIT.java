package io.breakwater.local.savepoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.breakwater.local.job.AirportDelays;
import io.breakwater.local.process.ProgramRun;
import io.breakwater.local.savepoint.MatrixCase.Taking;
import io.breakwater.local.server.KafkaServer;
import io.breakwater.local.server.Principal;
import io.breakwater.local.server.S3Server;
import io.breakwater.region.FlinkRest;
import io.breakwater.region.FlinkRest.Submission;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The command {@code breakwater savepoint rewrite} and the stamps alone carry a job from one Kafka cluster to another
 * whose offsets are others: however its snapshot was taken, each key's sequence goes on without a duplicate or a gap.
 */
@Tag("full")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SavepointMatrixIT {

    private static final long SEED = 20261122;
    private static final int EVENTS_BEFORE = 1_000;
    private static final int EVENTS_AFTER = 1_000;
    private static final Duration SOON = Duration.ofMinutes(2);

    private TwoClusters clusters;
    private FlinkRest flink;
    private String jar;
    private int moves;

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        clusters = new TwoClusters(directory);
        clusters.start();
        flink = new FlinkRest(clusters.flink().url());
        jar = flink.upload(clusters.jar()).ifOk().orElseThrow();
    }

    @AfterAll
    void end() {
        clusters.close();
    }

    static List<MatrixCase> cases() {
        return MatrixCase.pairwise();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void eachKeysSequenceGoesOn(MatrixCase move) throws Exception {
        try (Move moved = new Move(move)) {
            moved.leaveEast();
            List<String> rewrite = new ArrayList<>(List.of("rewrite", "--to-cluster", moved.west()));
            if (move.prefixed()) {
                rewrite.addAll(List.of("--target-prefix", "east."));
            }
            if (move.exactlyOnce()) {
                rewrite.addAll(List.of("--sink", "delays-sink=drop-with-new-prefix"));
            }

            Map<String, AirportDelays> outcome = moved.restore(rewrite);

            assertThat(outcome).isEqualTo(moved.input.expected());
        }
    }

    @Test
    void aCopyThatIsNotRewrittenAppliesEventsTwice() throws Exception {
        try (Move moved = new Move(new MatrixCase(Taking.CHECKPOINT, false, false, 2, 2))) {
            moved.leaveEast();

            Map<String, AirportDelays> outcome = moved.restore(List.of("relocate"));

            assertThat(outcome.values().stream()
                            .mapToLong(AirportDelays::duplicates)
                            .sum())
                    .isPositive();
        }
    }

    /** One job's way from east to west, with topics of its own. */
    private final class Move implements AutoCloseable {

        private final MatrixCase move;
        private final String name = "m" + ++moves;
        private final String events = name + ".events";
        private final String delays = name + ".delays";
        private final UnaryOperator<String> onWest;
        private final AirportInput input = new AirportInput(clusters.east().client(Principal.ADMIN), events);
        private final HomeSnapshot snapshots =
                new HomeSnapshot(clusters.flink().url(), flink, "s3://flink-east/savepoints/" + name);
        private final List<Thread> threads = new ArrayList<>();
        private final List<String> jobs = new ArrayList<>();
        private String taken = "";

        Move(MatrixCase move) throws Exception {
            this.move = move;
            this.onWest = topic -> move.prefixed() ? "east." + topic : topic;
            create(clusters.east(), List.of(events, delays));
            create(clusters.west(), List.of(onWest.apply(events), delays));
        }

        private static void create(KafkaServer cluster, List<String> topics) throws Exception {
            try (Admin admin = Admin.create(cluster.client(Principal.ADMIN))) {
                admin.createTopics(topics.stream()
                                .map(topic -> new NewTopic(topic, TwoClusters.PARTITIONS, (short) 1))
                                .toList())
                        .all()
                        .get();
            }
        }

        String west() throws Exception {
            return clusters.clientFile(clusters.west()).toString();
        }

        /** Ends when all input is on west, some of it from after the snapshot, and nothing runs on east. */
        void leaveEast() throws Exception {
            Thread producer = run(input);
            ShiftingMirror mirror = new ShiftingMirror(
                    clusters.east().client(Principal.ADMIN),
                    clusters.west().client(Principal.ADMIN),
                    IntStream.range(0, TwoClusters.PARTITIONS)
                            .mapToObj(partition -> new TopicPartition(events, partition))
                            .toList(),
                    clusters.eastClusterId(),
                    SEED,
                    onWest);
            Thread mirroring = run(mirror);
            String job = submit(clusters.east(), events, move.before(), Optional.empty());
            await().atMost(SOON)
                    .until(() -> input.events() > EVENTS_BEFORE
                            && snapshots
                                    .latest(job)
                                    .filter(latest -> latest.id() > 1)
                                    .isPresent());
            taken = snapshots.take(job, move.taking());
            long atSnapshot = input.events();
            await().atMost(SOON).until(() -> input.events() > atSnapshot + EVENTS_AFTER);
            stop(producer);
            await().atMost(SOON).until(() -> mirror.copied() == input.events());
            stop(mirroring);
            snapshots.end(job);
        }

        /** @return what the job has made of each airport when it has read all that is on west */
        Map<String, AirportDelays> restore(List<String> command) throws Exception {
            String target = "s3://flink-west/moved/" + name;
            run(command, taken, target);
            run(List.of("check"), target);
            try (JobOutput output =
                    new JobOutput(clusters.west().client(Principal.ADMIN), delays, TwoClusters.PARTITIONS)) {
                submit(clusters.west(), onWest.apply(events), move.after(), Optional.of(target));
                await().atMost(SOON)
                        .until(() -> output.newest().values().stream()
                                        .mapToLong(airport -> airport.events() + airport.duplicates())
                                        .sum()
                                >= input.events());
                return output.newest();
            }
        }

        private void run(List<String> command, String... places) throws Exception {
            List<String> all = new ArrayList<>(List.of("savepoint"));
            all.addAll(command);
            all.addAll(List.of(places));
            String endpoint = clusters.store().endpoint().toString();
            for (String side : List.of("--source-", "--")) {
                all.addAll(List.of(side + "endpoint", endpoint, side + "access-key", "${env:STORE_ACCESS}"));
                all.addAll(List.of(side + "secret-key", "${env:STORE_SECRET}"));
            }
            ProgramRun answer = ProgramRun.of(
                    clusters.directory(),
                    Map.of("STORE_ACCESS", S3Server.ACCESS_KEY, "STORE_SECRET", S3Server.SECRET_KEY),
                    clusters.launcher(),
                    all.toArray(String[]::new));
            assertThat(answer.exitCode()).as("%s: %s", all, answer.output()).isZero();
        }

        private String submit(KafkaServer cluster, String topic, int parallelism, Optional<String> from)
                throws Exception {
            String arguments = "--bootstrap " + cluster.bootstrap() + " --client-config "
                    + clusters.clientFile(cluster) + " --input " + topic + " --output " + delays + " --delivery "
                    + move.delivery() + " --transactional-id-prefix " + name + "-" + cluster.name()
                    + " --set-execution.checkpointing.file-merging.enabled "
                    + (move.taking() == Taking.MERGED_CHECKPOINT);
            Submission submission = new Submission(
                    "io.breakwater.local.job.DelayByAirportJob",
                    parallelism,
                    Arrays.asList(arguments.split(" ")),
                    from,
                    Optional.empty());
            String job = flink.run(jar, submission).ifOk().orElseThrow();
            jobs.add(job);
            return job;
        }

        private Thread run(Runnable work) {
            Thread thread = new Thread(work, work.getClass().getSimpleName());
            threads.add(thread);
            thread.start();
            return thread;
        }

        private void stop(Thread thread) throws InterruptedException {
            thread.interrupt();
            thread.join(Duration.ofSeconds(30).toMillis());
            assertThat(thread.isAlive()).isFalse();
        }

        @Override
        public void close() throws InterruptedException {
            for (Thread thread : threads) {
                stop(thread);
            }
            jobs.forEach(snapshots::end);
        }
    }
}
