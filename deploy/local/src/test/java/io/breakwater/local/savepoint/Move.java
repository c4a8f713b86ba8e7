package io.breakwater.local.savepoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.breakwater.local.job.AirportDelays;
import io.breakwater.local.savepoint.MatrixCase.Taking;
import io.breakwater.local.server.Principal;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectUri;
import io.breakwater.replicator.flink.snapshot.Snapshot;
import io.breakwater.replicator.flink.snapshot.SnapshotFile;
import io.breakwater.replicator.flink.snapshot.SnapshotFile.Extent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One job's way from east to west by {@code breakwater savepoint} alone, with an output topic of its own there. */
final class Move {

    private static final Duration SOON = Duration.ofMinutes(2);

    private final TwoClusters clusters;
    private final HomeJob home;
    private final SavepointProgram program;
    private final String name;
    private final MatrixCase move;

    /** @param name of the output topic and what else is this job's own */
    Move(TwoClusters clusters, HomeJob home, SavepointProgram program, String name, MatrixCase move) {
        this.clusters = clusters;
        this.home = home;
        this.program = program;
        this.name = name;
        this.move = move;
    }

    String output() {
        return name;
    }

    /** That the snapshot is what the case is about, and was taken after some input. */
    void requireAsMeant(String taken, ObjectStore store) {
        ObjectUri directory = ObjectUri.parse(taken);
        Snapshot snapshot = Snapshot.open(
                directory, store.get(directory.resolve(Snapshot.METADATA)).orElseThrow(), store::get);
        List<SnapshotFile> files = snapshot.files();
        assertThat(snapshot.kind().orElseThrow())
                .isEqualTo(
                        switch (move.taking()) {
                            case NATIVE, STOP -> "native savepoint";
                            case CANONICAL -> "canonical savepoint";
                            case CHECKPOINT, MERGED_CHECKPOINT, CHANGELOG_CHECKPOINT -> "checkpoint";
                        });
        assertThat(files.stream().anyMatch(file -> file.extent() == Extent.SEGMENTS))
                .isEqualTo(move.taking() == Taking.MERGED_CHECKPOINT);
        assertThat(files.stream().anyMatch(file -> file.extent() == Extent.CHANGES))
                .isEqualTo(move.taking() == Taking.CHANGELOG_CHECKPOINT);
        assertThat(files.stream().anyMatch(file -> !file.source().key().startsWith(directory.key() + "/")))
                .as("files elsewhere")
                .isEqualTo(snapshot.kind().equals(Optional.of("checkpoint")));
        assertThat(snapshot.kafkaSources().get(0).positions().ends().values().stream()
                        .mapToLong(Long::longValue)
                        .sum())
                .isPositive();
    }

    /** Makes the copy, starts it on west, and ends it. @return what it has made of each airport after so many events */
    Map<String, AirportDelays> goOnInWest(String taken, String input, long events) throws Exception {
        String target = "s3://flink-west/moved/" + name;
        program.done(clusters, command(), taken, target);
        String job;
        Map<String, AirportDelays> outcome;
        try (JobOutput output = new JobOutput(clusters.west().client(Principal.ADMIN), name, 1)) {
            job = home.submit(clusters.west(), input, name, move.after(), Optional.of(target));
            await().atMost(SOON)
                    .until(() -> output.newest().values().stream()
                                    .mapToLong(airport -> airport.events() + airport.duplicates())
                                    .sum()
                            >= events);
            outcome = Map.copyOf(output.newest());
        }
        assertThat(home.snapshots().flink().exceptions(job).ifOk()).contains(List.of());
        home.snapshots().end(job);
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
}
