package io.breakwater.controller.consensus;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.platform.Node;
import io.breakwater.platform.Platform;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Nodes that join a group, and nodes that leave it. */
class RaftMembersIT extends ThreeRaftNodes {

    @Test
    void aPlatformFileWithOtherNodesChangesNoMember() throws IOException {
        propose(leader(), "1", evidence("kept"));
        awaitEvidence(List.of("kept"));
        String edited = follower(leader());
        node(edited).close();
        inThePlatformFile("d");

        start(edited);

        propose(leader(), "2", evidence("after"));
        awaitEvidence(List.of("kept", "after"));
        assertThat(running.values())
                .allSatisfy(node -> assertThat(node.members()).contains(List.of("a", "b", "c")));
    }

    @Test
    void aDeadNodeIsReplacedAndTheNewOneCarriesTheGroup() throws Exception {
        propose(leader(), "1", evidence("before"));
        String dead = follower(leader());
        stop(dead);
        inThePlatformFile("d");
        joining.add("d");
        start("d");
        propose(leader(), "2", evidence("while it waits"));
        assertThat(node("d").isLeader()).isFalse();

        assertThat(node(leader()).changeMembers(Optional.of(Member.of(inFile("d"))), Optional.of(dead)))
                .succeedsWithin(PATIENCE)
                .isEqualTo(MemberChange.DONE);

        awaitEvidence(List.of("before", "while it waits"));
        String lost = leader().equals("d") ? follower("d") : leader();
        stop(lost);
        propose(leader(), "3", evidence("by the new one and one of the first"));
        awaitEvidence(List.of("before", "while it waits", "by the new one and one of the first"));
        node("d").close();
        journals.remove("d");
        start("d");
        propose(leader(), "4", evidence("d has started again"));
        awaitEvidence(
                List.of("before", "while it waits", "by the new one and one of the first", "d has started again"));
        assertThat(node("d").members().orElseThrow()).contains("d").doesNotContain(dead);
    }

    @Test
    void aNodeThatDoesNotRunIsNotTakenIn() throws Exception {
        inThePlatformFile("d");

        assertThat(node(leader()).changeMembers(Optional.of(Member.of(inFile("d"))), Optional.empty()))
                .succeedsWithin(PATIENCE)
                .isEqualTo(MemberChange.NOT_REACHED);
        try (ServerSocket silent = new ServerSocket(inFile("d").raft().port(), 1, InetAddress.getLoopbackAddress())) {
            assertThat(silent.isBound()).isTrue();
            assertThat(node(leader()).changeMembers(Optional.of(Member.of(inFile("d"))), Optional.empty()))
                    .succeedsWithin(PATIENCE)
                    .isEqualTo(MemberChange.NOT_YET);
        }

        propose(leader(), "1", evidence("all goes on"));
        awaitEvidence(List.of("all goes on"));
        assertThat(node(leader()).members()).contains(List.of("a", "b", "c"));
    }

    @Test
    void aNodeThatWasRemovedDoesNotDisturbTheOthers() throws Exception {
        propose(leader(), "1", evidence("before"));
        String leader = leader();
        String removed = follower(leader);

        assertThat(node(leader).changeMembers(Optional.empty(), Optional.of(removed)))
                .succeedsWithin(PATIENCE)
                .isEqualTo(MemberChange.DONE);
        stop(removed);
        start(removed);
        journals.remove(removed);

        propose(leader, "2", evidence("of two"));
        awaitEvidence(List.of("before", "of two"));
        assertThat(node(removed).isLeader()).isFalse();
        assertThat(leader()).isEqualTo(leader);
    }

    private void inThePlatformFile(String id) throws IOException {
        List<Node> nodes = new ArrayList<>(platform.nodes());
        nodes.add(onFreePorts(id));
        platform = new Platform("raft-test", nodes, new TreeMap<>(), new TreeMap<>());
    }

    private Node inFile(String id) {
        return platform.nodes().stream()
                .filter(node -> node.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private void stop(String id) throws IOException {
        node(id).close();
        running.remove(id);
        journals.remove(id);
    }
}
