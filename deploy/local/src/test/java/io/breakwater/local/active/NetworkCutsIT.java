package io.breakwater.local.active;

import static io.breakwater.local.active.WatchedPlatform.EAST;
import static io.breakwater.local.active.WatchedPlatform.WEST;
import static io.breakwater.local.active.WatchedPlatform.waiting;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real processes whose network is cut, with writers in both regions that are never cut from their brokers: who stays
 * active, who takes over, and that at no instant both accept.
 */
@Tag("full")
class NetworkCutsIT {

    private static final String EAST_NODE = "controller-east";
    private static final String WEST_NODE = "controller-west";
    private static final String WITNESS_NODE = "controller-witness";
    private static final String WEST_REPLICATOR = "replicator-west";
    private static final List<String> NODES = List.of(EAST_NODE, WEST_NODE, WITNESS_NODE);
    private static final List<String> EAST_STORES = List.of("kafka-east", "s3-east");

    @TempDir
    private Path directory;

    /** Which way nothing arrives at a leader that is cut from both others. */
    private enum Way {
        NEITHER_WAY,
        NOT_FROM_IT,
        NOT_TO_IT
    }

    @Test
    void aLeaderThatIsCutFromBothOthersIsReplacedAndNothingMoves() throws Exception {
        try (CutNetwork network = new CutNetwork();
                WatchedPlatform watched = new WatchedPlatform(directory, network)) {
            watched.start();
            for (Way way : Way.values()) {
                String leader = watched.leader();
                List<String> others = NODES.stream()
                        .filter(node -> !node.equals("controller-" + leader))
                        .toList();
                if (way != Way.NOT_TO_IT) {
                    network.cut(List.of("controller-" + leader), others);
                }
                if (way != Way.NOT_FROM_IT) {
                    network.cut(others, List.of("controller-" + leader));
                }

                waiting()
                        .until(() -> others.stream()
                                .map(node -> watched.leaderAsSaidBy(nodeName(node)))
                                .allMatch(next -> next.filter(name -> !name.equals(leader))
                                        .isPresent()));
                waiting()
                        .until(() -> watched.leaderAsSaidBy(leader)
                                .filter(leader::equals)
                                .isEmpty());
                watched.awaitReady();
                watched.assertNothingMoved();

                network.heal();
                waiting()
                        .until(() -> NODES.stream()
                                        .map(node -> watched.leaderAsSaidBy(nodeName(node)))
                                        .flatMap(Optional::stream)
                                        .distinct()
                                        .count()
                                == 1);
                watched.awaitReady();
                watched.assertNothingMoved();
            }
        }
    }

    private static String nodeName(String server) {
        return server.substring("controller-".length());
    }

    /** Its brokers renew through another node: no writer is refused. */
    @Test
    void aNodeThatIsCutFromItsRegionsBrokersMovesNothing() throws Exception {
        try (CutNetwork network = new CutNetwork();
                WatchedPlatform watched = new WatchedPlatform(directory, network)) {
            watched.start();
            long since = System.nanoTime();

            network.cutBothWays(List.of(EAST_NODE), EAST_STORES);
            waiting().until(() -> watched.vote(EAST, EAST).equals("DOWN"));
            OneActiveRegionIT.awaitTime(3 * OneActiveRegionIT.LEASE_MILLIS);

            watched.assertNothingMoved();
            assertThat(watched.verdict(EAST)).isEqualTo("UP");
            assertThat(watched.acceptances.refusals(EAST, since)).isZero();
            network.heal();
            waiting().until(() -> watched.vote(EAST, EAST).equals("UP"));
            watched.awaitReady();
            watched.assertNothingMoved();
        }
    }

    /** Two of three nodes take the region for lost, but its replication flows: that is no loss of a region. */
    @Test
    void bothNodesOfOneSideCutFromTheirBrokersMoveNothingWhileReplicationFlows() throws Exception {
        try (CutNetwork network = new CutNetwork();
                WatchedPlatform watched = new WatchedPlatform(directory, network)) {
            watched.start();

            network.cutBothWays(List.of(EAST_NODE, WITNESS_NODE), EAST_STORES);
            waiting().until(() -> watched.verdict(EAST).equals("DOWN"));
            OneActiveRegionIT.awaitTime(5 * OneActiveRegionIT.LEASE_MILLIS);

            JsonNode denials = watched.group().path("denials");
            watched.progress.line("denied: " + denials);
            assertThat(denials.findValuesAsText("denial")).contains("ReplicationStillFlows");
            watched.assertNothingMoved();
            watched.awaitWrites(EAST);
            network.heal();
            waiting().until(() -> watched.verdict(EAST).equals("UP"));
            watched.awaitReady();
            watched.assertNothingMoved();
        }
    }

    /**
     * Now replication is cut too, but the region lives, its clients reach it, and its brokers reach the third node, which
     * sees it as UP: it is left, and closed first.
     */
    @Test
    void aRegionThatLivesButIsCutFromTheMajorityAndTheMirrorIsClosedBeforeTheOtherOneOpens() throws Exception {
        try (CutNetwork network = new CutNetwork();
                WatchedPlatform watched = new WatchedPlatform(directory, network)) {
            watched.start();
            try (RegionWriters.OpenTransaction open = watched.writers(EAST).open()) {
                network.cutBothWays(List.of(EAST_NODE, WITNESS_NODE, WEST_REPLICATOR), EAST_STORES);

                watched.awaitFailover();
                watched.awaitWrites(WEST);
                assertThat(open.commit()).isFalse();
            }
            assertLeft(watched, network);
        }
    }

    /** The region is an island: its node, its brokers, its clients; the held back requests arrive when it is over. */
    @Test
    void aRegionThatIsCutOffFromTheWorldClosesByItselfAndStaysClosedWhenItIsBack() throws Exception {
        try (CutNetwork network = new CutNetwork();
                WatchedPlatform watched = new WatchedPlatform(directory, network)) {
            watched.start();
            try (RegionWriters.OpenTransaction open = watched.writers(EAST).open()) {
                network.cutBothWays(
                        List.of(EAST_NODE, "kafka-east", "s3-east", "replicator-east"),
                        List.of(WEST_NODE, WITNESS_NODE, "kafka-west", "s3-west", WEST_REPLICATOR));

                watched.awaitFailover();
                watched.awaitWrites(WEST);
                assertThat(open.commit()).isFalse();
            }
            assertLeft(watched, network);
        }
    }

    private static void assertLeft(WatchedPlatform watched, CutNetwork network) throws Exception {
        long since = System.nanoTime();
        OneActiveRegionIT.awaitTime(2 * OneActiveRegionIT.LEASE_MILLIS);
        network.heal();
        OneActiveRegionIT.awaitTime(4 * OneActiveRegionIT.LEASE_MILLIS);

        assertThat(watched.acceptances.in(EAST, since)).isEmpty();
        assertThat(watched.acceptances.refusals(EAST, since)).isPositive();
        assertThat(watched.active()).isEqualTo(WEST);
        assertThat(watched.group().path("epoch").asLong()).isEqualTo(2);
        watched.awaitWrites(WEST);
        watched.acceptances.assertDisjoint(EAST, WEST);
    }
}
