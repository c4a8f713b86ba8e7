package io.breakwater.controller.consensus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.breakwater.controller.FreePort;
import io.breakwater.controller.core.ControlEvent;
import io.breakwater.controller.core.ControlState;
import io.breakwater.controller.core.Reply;
import io.breakwater.platform.HostPort;
import io.breakwater.platform.Node;
import io.breakwater.platform.Platform;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes in this JVM, over real gRPC and real directories, made anew for each test. */
abstract class ThreeRaftNodes {

    static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path dir;

    final SortedMap<String, RaftNode> running = new TreeMap<>();
    final SortedMap<String, MemoryJournal> journals = new TreeMap<>();
    final SortedMap<String, RaftTls> certificates = new TreeMap<>();
    /** Started as new to the group. */
    final Set<String> joining = new HashSet<>();

    Platform platform = new Platform("none", List.of(anyNode()), new TreeMap<>(), new TreeMap<>());

    private static Node anyNode() {
        return new Node("none", Optional.empty(), new HostPort("127.0.0.1", 1), new HostPort("127.0.0.1", 1));
    }

    private static final class Quiet implements LeadershipListener {
        @Override
        public void leads() {}

        @Override
        public void follows() {}

        @Override
        public void ended() {}
    }

    @BeforeEach
    void startThree() throws IOException {
        List<Node> nodes = new ArrayList<>();
        for (String id : List.of("a", "b", "c")) {
            nodes.add(onFreePorts(id));
        }
        platform = new Platform("raft-test", nodes, new TreeMap<>(), new TreeMap<>());
        for (Node node : nodes) {
            start(node.id());
        }
    }

    @AfterEach
    void stopAll() throws IOException {
        for (RaftNode node : running.values()) {
            node.close();
        }
    }

    static Node onFreePorts(String id) throws IOException {
        return new Node(
                id,
                Optional.empty(),
                new HostPort("127.0.0.1", FreePort.next()),
                new HostPort("127.0.0.1", FreePort.next()));
    }

    final void start(String id) throws IOException {
        Node node = platform.nodes().stream()
                .filter(n -> n.id().equals(id))
                .findFirst()
                .orElseThrow();
        journals.put(id, new MemoryJournal());
        running.put(
                id,
                RaftNode.start(
                        platform,
                        node,
                        dir.resolve(id),
                        Optional.ofNullable(certificates.get(id)),
                        joining.contains(id),
                        Clock.systemUTC(),
                        journals.get(id),
                        (before, event, transition) -> {},
                        new Quiet()));
    }

    final String follower(String leader) {
        return running.keySet().stream()
                .filter(id -> !id.equals(leader))
                .findFirst()
                .orElseThrow();
    }

    final RaftNode node(String id) {
        return Objects.requireNonNull(running.get(id), id);
    }

    static ControlEvent evidence(String entry) {
        return new ControlEvent.EvidenceRecorded(List.of(entry));
    }

    /** Repeats under the same id until there is an answer, as proposers do. */
    final Reply propose(String node, String id, ControlEvent event) {
        return await().atMost(PATIENCE)
                .ignoreExceptions()
                .until(
                        () -> node(node)
                                .propose(id, event)
                                .toCompletableFuture()
                                .get(20, TimeUnit.SECONDS),
                        reply -> true);
    }

    final ControlState read(String node) {
        return await().atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> node(node).read().toCompletableFuture().get(20, TimeUnit.SECONDS), state -> true);
    }

    final String leader() {
        return await().atMost(PATIENCE)
                .until(
                        () -> running.entrySet().stream()
                                .filter(e -> e.getValue().isLeader())
                                .map(Map.Entry::getKey)
                                .findFirst(),
                        Optional::isPresent)
                .orElseThrow();
    }

    final void awaitEvidence(List<String> entries) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(journals.values())
                        .allSatisfy(journal -> assertThat(journal.entries()).isEqualTo(entries)));
    }
}
