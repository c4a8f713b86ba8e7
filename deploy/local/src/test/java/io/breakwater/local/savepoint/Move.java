package io.breakwater.local.savepoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.breakwater.local.job.AirportDelays;
import io.breakwater.local.process.ProgramRun;
import io.breakwater.local.savepoint.MatrixCase.Taking;
import io.breakwater.local.server.KafkaServer;
import io.breakwater.local.server.Principal;
import io.breakwater.local.server.S3Server;
import io.breakwater.region.FlinkRest.Submission;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectUri;
import io.breakwater.replicator.flink.snapshot.Snapshot;
import io.breakwater.replicator.flink.snapshot.SnapshotFile;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;

/** One job's way from east to west by {@code breakwater savepoint} alone, with an output topic of its own. */
final class Move {

    private static final Duration SOON = Duration.ofMinutes(2);

    private final TwoClusters clusters;
    private final HomeSnapshot snapshots;
    private final String jar;
    private final String name;
    private final MatrixCase move;
    private String taken = "";

    /** @param jar as it is uploaded; {@code name} of the output topic and what else is this job's own */
    Move(TwoClusters clusters, HomeSnapshot snapshots, String jar, String name, MatrixCase move) {
        this.clusters = clusters;
        this.snapshots = snapshots;
        this.jar = jar;
        this.name = name;
        this.move = move;
    }

    String output() {
        return name;
    }

    /** Runs the job on east until it is in the middle of its work, takes the snapshot, and ends it. */
    void leaveEast(String input) throws Exception {
        String job = submit(clusters.east(), input, move.before(), Optional.empty());
        TopicPartition own = new TopicPartition(name, 0);
        try (Admin admin = Admin.create(clusters.east().client(Principal.ADMIN))) {
            // What it writes says that it has read.
            await().atMost(SOON)
                    .until(() -> snapshots.latest(job).isPresent()
                            && admin.listOffsets(Map.of(own, OffsetSpec.latest()))
                                            .partitionResult(own)
                                            .get()
                                            .offset()
                                    > 0);
        }
        taken = snapshots.take(job, move.taking());
        snapshots.end(job);
    }

    /** That the snapshot is what the case is about, and was taken after some input. */
    void requireAsMeant(ObjectStore store) {
        ObjectUri directory = ObjectUri.parse(taken);
        Snapshot snapshot = Snapshot.open(
                directory, store.get(directory.resolve(Snapshot.METADATA)).orElseThrow(), store::get);
        List<SnapshotFile> files = snapshot.files();
        assertThat(snapshot.kind().orElseThrow())
                .isEqualTo(
                        switch (move.taking()) {
                            case NATIVE, STOP -> "native savepoint";
                            case CANONICAL -> "canonical savepoint";
                            case CHECKPOINT, MERGED_CHECKPOINT -> "checkpoint";
                        });
        assertThat(files.stream().anyMatch(file -> !file.whole())).isEqualTo(move.taking() == Taking.MERGED_CHECKPOINT);
        assertThat(files.stream().anyMatch(file -> !file.source().key().startsWith(directory.key() + "/")))
                .as("files elsewhere")
                .isEqualTo(snapshot.kind().equals(Optional.of("checkpoint")));
        assertThat(snapshot.kafkaSources().get(0).positions().ends().values().stream()
                        .mapToLong(Long::longValue)
                        .sum())
                .isPositive();
    }

    /** Makes the copy, starts it on west, and ends it. @return what it has made of each airport after so many events */
    Map<String, AirportDelays> goOnInWest(String input, long events) throws Exception {
        String target = "s3://flink-west/moved/" + name;
        savepoint(command(), taken, target);
        String job;
        Map<String, AirportDelays> outcome;
        try (JobOutput output = new JobOutput(clusters.west().client(Principal.ADMIN), name, 1)) {
            job = submit(clusters.west(), input, move.after(), Optional.of(target));
            await().atMost(SOON)
                    .until(() -> output.newest().values().stream()
                                    .mapToLong(airport -> airport.events() + airport.duplicates())
                                    .sum()
                            >= events);
            outcome = Map.copyOf(output.newest());
        }
        assertThat(snapshots.flink().exceptions(job).ifOk()).contains(List.of());
        snapshots.end(job);
        return outcome;
    }

    private List<String> command() throws Exception {
        if (!move.rewritten()) {
            return List.of("relocate");
        }
        List<String> rewrite = new ArrayList<>(List.of(
                "rewrite", "--to-cluster", clusters.clientFile(clusters.west()).toString()));
        if (move.prefixed()) {
            rewrite.addAll(List.of("--target-prefix", Convoy.PREFIX));
        }
        rewrite.addAll(List.of("--sink", "delays-sink=" + (move.exactlyOnce() ? "drop-with-new-prefix" : "keep")));
        return rewrite;
    }

    /** Runs the archive's own command. */
    private void savepoint(List<String> command, String... places) throws Exception {
        List<String> all = new ArrayList<>(List.of("savepoint"));
        all.addAll(command);
        all.addAll(List.of(places));
        for (String side : List.of("--source-", "--")) {
            all.addAll(List.of(side + "endpoint", clusters.store().endpoint().toString()));
            all.addAll(List.of(side + "access-key", "${env:STORE_ACCESS}"));
            all.addAll(List.of(side + "secret-key", "${env:STORE_SECRET}"));
        }
        ProgramRun answer = ProgramRun.of(
                clusters.directory(),
                Map.of("STORE_ACCESS", S3Server.ACCESS_KEY, "STORE_SECRET", S3Server.SECRET_KEY),
                clusters.launcher(),
                all.toArray(String[]::new));
        assertThat(answer.exitCode()).as("%s: %s", all, answer.output()).isZero();
    }

    private String submit(KafkaServer cluster, String input, int parallelism, Optional<String> from) throws Exception {
        String arguments = "--bootstrap " + cluster.bootstrap() + " --client-config " + clusters.clientFile(cluster)
                + " --input " + input + " --output " + name + " --delivery " + move.delivery()
                + " --transactional-id-prefix " + name + "-" + cluster.name()
                + " --set-execution.checkpointing.interval 1s --set-execution.checkpointing.min-pause "
                + (move.taking() == Taking.MERGED_CHECKPOINT ? "3s" : "1s")
                + " --set-execution.checkpointing.file-merging.enabled "
                + (move.taking() == Taking.MERGED_CHECKPOINT);
        Submission submission = new Submission(
                "io.breakwater.local.job.DelayByAirportJob",
                parallelism,
                Arrays.asList(arguments.split(" ")),
                from,
                Optional.empty());
        return snapshots.flink().run(jar, submission).ifOk().orElseThrow();
    }
}
