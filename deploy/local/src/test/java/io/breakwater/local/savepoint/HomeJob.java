package io.breakwater.local.savepoint;

import static org.awaitility.Awaitility.await;

import io.breakwater.local.savepoint.MatrixCase.Home;
import io.breakwater.local.savepoint.MatrixCase.Taking;
import io.breakwater.local.server.KafkaServer;
import io.breakwater.local.server.Principal;
import io.breakwater.region.FlinkRest.Submission;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;

/**
 * A job that runs in east until its snapshots are taken.
 *
 * @param jar as it is uploaded
 * @param output name of its output topic, which is its own
 */
record HomeJob(TwoClusters clusters, HomeSnapshot snapshots, String jar, Home home, String output) {

    private static final Duration SOON = Duration.ofMinutes(2);

    /** Runs it until it is in the middle of its work, takes the snapshots, and ends it. @return where each lies */
    Map<Taking, String> leave(String input, EnumSet<Taking> takings) throws Exception {
        String job = submit(clusters.east(), input, output, home.parallelism(), Optional.empty());
        TopicPartition own = new TopicPartition(output, 0);
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
        Map<Taking, String> taken = new EnumMap<>(Taking.class);
        for (Taking taking : takings) {
            taken.put(taking, snapshots.take(job, taking));
        }
        snapshots.end(job);
        return taken;
    }

    /** @param cluster where it reads and writes */
    String submit(KafkaServer cluster, String input, String to, int parallelism, Optional<String> from)
            throws Exception {
        String arguments = "--bootstrap " + cluster.bootstrap() + " --client-config " + clusters.clientFile(cluster)
                + " --input " + input + " --output " + to + " --delivery " + home.delivery()
                + " --transactional-id-prefix " + to + "-" + cluster.name()
                + " --set-execution.checkpointing.interval 1s --set-execution.checkpointing.min-pause "
                + (home.merged() ? "3s" : "1s")
                + " --set-execution.checkpointing.file-merging.enabled " + home.merged()
                // A restored one runs without, as a restore says; see FlinkRest.
                + (home.changelog() && from.isEmpty() ? " --set-state.changelog.enabled true" : "");
        Submission submission = new Submission(
                "io.breakwater.local.job.DelayByAirportJob",
                parallelism,
                Arrays.asList(arguments.split(" ")),
                from,
                Optional.empty());
        return snapshots.flink().run(jar, submission).ifOk().orElseThrow();
    }
}
