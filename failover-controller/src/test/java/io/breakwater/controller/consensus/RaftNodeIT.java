package io.breakwater.controller.consensus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.breakwater.controller.core.ControlEvent;
import io.breakwater.controller.core.Denial;
import io.breakwater.controller.core.RegionVerdict;
import io.breakwater.controller.core.Reply;
import io.breakwater.controller.core.Settings;
import io.breakwater.controller.core.Verdict;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.Flow;
import io.breakwater.platform.Node;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.Segment;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the nodes of a group agree on, whatever happens to one of them. */
class RaftNodeIT extends ThreeRaftNodes {

    @Test
    void everyNodeAppliesTheSameFromAnyProposer() {
        String leader = leader();

        for (String id : running.keySet()) {
            propose(id, "command-" + id, evidence(id));
        }

        awaitEvidence(List.of("a", "b", "c"));
        assertThat(node(leader).state().evidence().size()).isEqualTo(3);
    }

    @Test
    void aRepeatedCommandTakesEffectOnce() {
        String leader = leader();

        Reply first = propose(leader, "same", evidence("once"));
        Reply second = propose("a".equals(leader) ? "b" : "a", "same", evidence("once"));

        assertThat(second).isEqualTo(first);
        awaitEvidence(List.of("once"));
    }

    @Test
    void anEventAboutThousandsOfPartitionsReachesEveryNode() {
        SortedMap<PartitionKey, Segment.Range> ranges = new TreeMap<>();
        SortedMap<PartitionKey, Long> begins = new TreeMap<>();
        Random random = new Random(7);
        for (int i = 0; i < 5_000; i++) {
            PartitionKey partition = new PartitionKey("flights." + "long-name.".repeat(20) + i % 50, i);
            ranges.put(partition, Segment.Range.openFrom(random.nextLong(1L << 50), random.nextLong(1L << 50)));
            begins.put(partition, random.nextLong(1L << 50));
        }
        Segment segment = new Segment(
                new Epoch(2), new Flow("west", "east"), true, Optional.of("west-id"), new TreeMap<>(), ranges);
        List<String> evidence = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            evidence.add(random.ints(60_000, ' ', '~')
                    .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                    .toString());
        }
        propose(leader(), "adopted", new ControlEvent.PlatformAdopted(Settings.of(platform)));

        Reply begun = propose(
                leader(),
                "begun",
                new ControlEvent.SegmentBegun(
                        "flights",
                        segment,
                        new TreeMap<>(Map.of("west", new OffsetVector(begins), "east", new OffsetVector(begins))),
                        evidence));
        Reply recorded = propose(leader(), "recorded", new ControlEvent.EvidenceRecorded(evidence));

        assertThat(begun).isEqualTo(new Reply.Refused(List.of(new Denial.UnknownGroup("flights"))));
        assertThat(recorded).isEqualTo(new Reply.Accepted());
        awaitEvidence(evidence);
    }

    @Test
    void theNextLeaderGoesOnAndARestartedNodeCatchesUpFromItsDirectory() throws IOException {
        String lost = leader();
        propose(lost, "1", evidence("before"));

        node(lost).close();
        running.remove(lost);
        String next = leader();
        propose(next, "2", evidence("after"));
        start(lost);

        awaitEvidence(List.of("before", "after"));
    }

    @Test
    void allNodesComeBackFromDisk() throws IOException {
        propose(leader(), "1", new ControlEvent.PlatformAdopted(Settings.of(platform)));
        propose(leader(), "2", evidence("kept"));
        for (RaftNode node : running.values()) {
            node.close();
        }
        running.clear();

        for (Node node : platform.nodes()) {
            start(node.id());
        }

        awaitEvidence(List.of("kept"));
        assertThat(read(leader()).settings().nodes()).containsExactly("a", "b", "c");
        propose(leader(), "2", evidence("kept"));
        assertThat(read(leader()).evidence().size()).isEqualTo(1);
    }

    @Test
    void withoutAQuorumNothingIsAnswered() throws IOException {
        String leader = leader();
        for (String id : List.copyOf(running.keySet())) {
            if (!id.equals(leader)) {
                node(id).close();
                running.remove(id);
            }
        }

        assertThat(node(leader).propose("late", evidence("lost")))
                .failsWithin(PATIENCE)
                .withThrowableOfType(ExecutionException.class)
                .withMessageContaining("consensus gave no answer");
    }

    @Test
    void theLeadCanBeHandedOverByAPersonFromAnyNode() {
        String leader = leader();
        String other = follower(leader);
        propose(leader, "1", new ControlEvent.PlatformAdopted(Settings.of(platform)));
        propose(
                leader,
                "2",
                ControlEvent.VerdictVoted.of(
                        other, Map.of("east", RegionVerdict.of(Verdict.UP, List.of(), List.of()))));

        Reply allowed = propose(
                other,
                "3",
                new ControlEvent.LeadTransferRequested(
                        other, Optional.of("west"), "ada", "storm", List.of("ada wants " + other)));

        assertThat(allowed).isEqualTo(new Reply.Accepted());
        assertThat(node(other).handLeadTo(other)).succeedsWithin(PATIENCE).isEqualTo(true);
        awaitEvidence(List.of("ada wants " + other));
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(leader()).isEqualTo(other));
    }

    @Test
    void aNodeWithADamagedLogDoesNotStartAndIsReplacedByAnEmptyOne() throws Exception {
        String leader = leader();
        List<String> entries = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            entries.add("entry " + i + " " + "x".repeat(200));
        }
        propose(leader, "1", new ControlEvent.EvidenceRecorded(entries));
        propose(leader, "2", evidence("after"));
        entries.add("after");
        awaitEvidence(entries);
        String lost = follower(leader);
        node(lost).close();
        running.remove(lost);
        damage(dir.resolve(lost));

        assertThatThrownBy(() -> start(lost))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("the Raft log in " + dir.resolve(lost) + " cannot be read");
        journals.remove(lost);

        propose(leader(), "3", evidence("meanwhile"));
        entries.add("meanwhile");
        Files.move(dir.resolve(lost), dir.resolve("damaged"));
        start(lost);
        // A voter that has lost its log follows only a leader that has not seen it with one.
        String from = leader();
        String to = running.keySet().stream()
                .filter(id -> !id.equals(lost) && !id.equals(from))
                .findFirst()
                .orElseThrow();
        await().atMost(PATIENCE).ignoreExceptions().until(() -> node(from).transferLeadership(to));
        awaitEvidence(entries);
    }

    private static void damage(Path directory) throws IOException {
        Path log;
        try (Stream<Path> files = Files.walk(directory)) {
            log = files.filter(file -> file.getFileName().toString().startsWith("log_"))
                    .max(Comparator.naturalOrder())
                    .orElseThrow();
        }
        byte[] bytes = Files.readAllBytes(log);
        int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("xxxx");
        assertThat(at).isPositive();
        bytes[at] ^= 1;
        Files.write(log, bytes);
    }

    @Test
    void withMutualTlsANodeWithAForeignCertificateGetsNowhere() throws Exception {
        TestAuthority own = new TestAuthority(dir.resolve("own"));
        TestAuthority foreign = new TestAuthority(dir.resolve("foreign"));
        // A node whose very first entry nobody else took would not let go of it (Ratis 3.3.0).
        propose(leader(), "0", evidence("in the clear"));
        awaitEvidence(List.of("in the clear"));
        for (RaftNode node : running.values()) {
            node.close();
        }
        running.clear();
        journals.clear();
        certificates.put("a", own.certify("a"));
        certificates.put("b", own.certify("b"));
        certificates.put("c", foreign.certify("c"));
        for (String id : certificates.keySet()) {
            start(id);
        }
        String leader = leader();
        Reply accepted = propose(leader, "1", evidence("among friends"));

        assertThat(accepted).isEqualTo(new Reply.Accepted());
        assertThat(leader).isNotEqualTo("c");
        assertThat(node("c").propose("2", evidence("foreign")))
                .failsWithin(PATIENCE)
                .withThrowableOfType(ExecutionException.class);
        assertThat(Objects.requireNonNull(journals.get("c")).entries()).doesNotContain("among friends");

        node("c").close();
        certificates.put("c", own.certify("c"));
        start("c");

        awaitEvidence(List.of("in the clear", "among friends"));
    }
}
