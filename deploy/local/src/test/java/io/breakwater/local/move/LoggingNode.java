package io.breakwater.local.move;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.controller.consensus.EvidenceJournal;
import io.breakwater.controller.consensus.LeadershipListener;
import io.breakwater.controller.consensus.RaftNode;
import io.breakwater.controller.core.ControlEvent;
import io.breakwater.controller.core.ControlState;
import io.breakwater.controller.core.EvidenceTail;
import io.breakwater.controller.core.Readiness;
import io.breakwater.controller.core.RegionVerdict;
import io.breakwater.controller.core.Reply;
import io.breakwater.controller.core.Settings;
import io.breakwater.controller.core.Verdict;
import io.breakwater.controller.runbook.Consensus;
import io.breakwater.evidence.DirectoryFiles;
import io.breakwater.evidence.EvidenceAudit;
import io.breakwater.evidence.EvidenceKey;
import io.breakwater.evidence.EvidenceLog;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.Json;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.Platform;
import io.breakwater.platform.RecoveryPoint;
import io.breakwater.platform.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** The only controller node of a platform: its Raft log and its evidence log, both real. */
final class LoggingNode implements Consensus, AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Platform platform;
    private final Path files;
    private final EvidenceKey key;
    private final EvidenceLog log;
    private final RaftNode raft;

    LoggingNode(Platform platform, Path directory) throws IOException {
        this.platform = platform;
        files = Files.createDirectories(directory.resolve("evidence"));
        key = EvidenceKey.generate("breakwater/" + platform.platform());
        log = EvidenceLog.open(files, key);
        raft = RaftNode.start(
                platform,
                platform.nodes().get(0),
                directory.resolve("raft"),
                Optional.empty(),
                false,
                Clock.systemUTC(),
                new Journal(),
                (before, event, transition) -> {},
                new Quiet());
    }

    private final class Journal implements EvidenceJournal {
        @Override
        public void append(long index, List<String> more) {
            long next = index;
            for (String entry : more) {
                log.ensure(next++, entry.getBytes(StandardCharsets.UTF_8));
            }
        }

        @Override
        public void restore(EvidenceTail tail) {
            append(tail.first(), tail.entries());
        }

        @Override
        public void makeDurable() {
            log.checkpoint();
        }
    }

    private static final class Quiet implements LeadershipListener {
        @Override
        public void leads() {}

        @Override
        public void follows() {}

        @Override
        public void ended() {}
    }

    /** The home of the group is down, its standby could take over. */
    void begin() throws Exception {
        await().atMost(PATIENCE).until(raft::isLeader);
        ask(new ControlEvent.PlatformAdopted(Settings.of(platform)));
        RegionVerdict down = RegionVerdict.of(Verdict.DOWN, List.of("kafka", "flink"), List.of());
        RegionVerdict up = RegionVerdict.of(Verdict.UP, List.of(), List.of("kafka"));
        ask(ControlEvent.VerdictVoted.of(
                platform.nodes().get(0).id(), Map.of(MovedPlatform.FLOW.from(), down, MovedPlatform.FLOW.to(), up)));
        Instant now = Instant.now();
        RecoveryPoint point =
                new RecoveryPoint(MovedPlatform.GROUP, MovedPlatform.FLOW, now, OffsetVector.EMPTY, new TreeMap<>());
        ask(new ControlEvent.ReadinessReported(
                MovedPlatform.GROUP,
                Epoch.FIRST,
                new Readiness(now, Optional.of(point), Optional.empty(), Optional.empty(), List.of())));
    }

    Reply ask(ControlEvent event) throws Exception {
        return propose(UUID.randomUUID().toString(), event)
                .toCompletableFuture()
                .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    @Override
    public ControlState state() {
        return raft.state();
    }

    @Override
    public CompletionStage<Reply> propose(String commandId, ControlEvent event) {
        return raft.propose(commandId, event);
    }

    /** The details of the ended steps as an auditor puts them together again, from entries that the log's key signed. */
    Map<String, JsonNode> auditedDetails() throws Exception {
        log.checkpoint();
        EvidenceAudit.Report report = EvidenceAudit.verify(new DirectoryFiles(files), key.verifier());
        assertThat(report.failures()).isEmpty();
        assertThat(report.size()).isEqualTo(log.size());
        Map<String, StringBuilder> texts = new HashMap<>();
        Map<String, JsonNode> details = new HashMap<>();
        for (long index = 0; index < report.size(); index++) {
            JsonNode read = Json.MAPPER.readTree(log.entry(index));
            JsonNode detail = read.path("detail");
            if (read.path("kind").asText().equals("detail-part")) {
                texts.computeIfAbsent(detail.path("sha256").asText(), sha256 -> new StringBuilder())
                        .append(detail.path("text").asText());
            } else if (read.path("kind").asText().equals("step-ended")) {
                details.put(read.path("step").asText(), whole(detail.path("detail"), texts));
            }
        }
        return details;
    }

    private static JsonNode whole(JsonNode detail, Map<String, StringBuilder> texts) throws Exception {
        StringBuilder text = texts.get(detail.path("sha256").asText());
        if (text == null) {
            return detail;
        }
        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        assertThat(Sha256.of(bytes)).isEqualTo(detail.path("sha256").asText());
        return Json.MAPPER.readTree(bytes);
    }

    @Override
    public void close() throws IOException {
        raft.close();
        log.close();
    }
}
