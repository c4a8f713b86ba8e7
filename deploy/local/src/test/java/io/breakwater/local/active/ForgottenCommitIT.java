package io.breakwater.local.active;

import static io.breakwater.local.active.WatchedPlatform.WEST;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.evidence.DirectoryFiles;
import io.breakwater.evidence.EvidenceAudit;
import io.breakwater.evidence.VerifierKey;
import io.breakwater.local.mirror.ForgottenCommit;
import io.breakwater.local.server.Server;
import io.breakwater.platform.Json;
import io.breakwater.platform.Region.ConnectCluster;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The standby's broker was killed and has forgotten a transaction of the mirror, so that no task of the worker gets past
 * reading its offsets: the leader ends it, as the broker had recorded, and the standby becomes ready again.
 */
@Tag("full")
class ForgottenCommitIT {

    private static final String MIRROR = ConnectCluster.workerGroup(WEST) + "-flights.kafka-topic.east-west-0";
    private static final TopicPartition OFFSETS = new TopicPartition(ConnectCluster.OFFSETS_TOPIC, 0);

    @TempDir
    private Path directory;

    @Test
    void theMirrorGoesOnByItself() throws Exception {
        try (WatchedPlatform watched = new WatchedPlatform(directory)) {
            watched.start();
            Server replicator = watched.platform().region(WEST).replicator();
            replicator.kill();
            ForgottenCommit.leave(watched.kafka(WEST), MIRROR, ofNoConnector(), watched.progress);
            long since = System.nanoTime();
            replicator.launch();

            await().atMost(Duration.ofMinutes(2)).until(() -> !ForgottenCommit.isOpen(watched.kafka(WEST), OFFSETS));
            watched.progress.line("ended after " + Duration.ofNanos(System.nanoTime() - since));
            watched.awaitReady();
            watched.assertNothingMoved();
            assertThat(evidence(watched))
                    .filteredOn(entry -> entry.path("kind").asText().equals("transaction-ended"))
                    .singleElement()
                    .satisfies(entry -> assertThat(entry.toString())
                            .contains(MIRROR, OFFSETS.toString(), "\"outcome\":\"COMMITTED\""));
        }
    }

    private static List<JsonNode> evidence(WatchedPlatform watched) throws Exception {
        List<JsonNode> entries = new ArrayList<>();
        EvidenceAudit.verify(
                new DirectoryFiles(
                        watched.platform().controllerData(watched.leader()).resolve("evidence")),
                VerifierKey.load(watched.platform().files().verifierKey()),
                entry -> entries.add(read(entry)));
        return entries;
    }

    private static JsonNode read(String entry) {
        try {
            return Json.MAPPER.readTree(entry);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ProducerRecord<byte[], byte[]> ofNoConnector() {
        return new ProducerRecord<>(
                OFFSETS.topic(),
                OFFSETS.partition(),
                "[\"none\",{\"of\":\"nothing\"}]".getBytes(StandardCharsets.UTF_8),
                "{\"offset\":1}".getBytes(StandardCharsets.UTF_8));
    }
}
