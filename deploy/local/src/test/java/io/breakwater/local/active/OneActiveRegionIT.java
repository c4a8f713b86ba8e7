package io.breakwater.local.active;

import static io.breakwater.local.active.WatchedPlatform.EAST;
import static io.breakwater.local.active.WatchedPlatform.WEST;
import static io.breakwater.local.active.WatchedPlatform.waiting;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.local.LocalRegion;
import io.breakwater.local.process.Signals;
import io.breakwater.local.quickstart.OperationView;
import io.breakwater.local.server.Server;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Writers try both regions all the time, plainly, in transactions, and with one that is open when the region is lost:
 * what a region acknowledged and what the other one did never overlap.
 */
class OneActiveRegionIT {

    static final long LEASE_MILLIS = 6_000;
    private static final long STOPPED_MILLIS = 65_000;

    @TempDir
    private Path directory;

    /** The one case of each build. Its brokers stop, and go on with requests in their sockets when the other is open. */
    @Test
    void aRegionThatStopsAndGoesOnLateTakesNothingMore() throws Exception {
        try (WatchedPlatform watched = new WatchedPlatform(directory)) {
            watched.start();
            Server[] serving = serving(watched);

            try (RegionWriters.OpenTransaction open = watched.writers(EAST).open()) {
                Signals.STOP.send(serving);
                watched.awaitFailover();
                watched.awaitWrites(WEST);
                long since = System.nanoTime();
                Signals.CONT.send(serving);
                boolean taken = open.commit();
                waiting().until(() -> watched.acceptances.refusals(EAST, since) > 1);

                assertThat(taken).isFalse();
                assertThat(watched.acceptances.in(EAST, since)).isEmpty();
            }
            watched.acceptances.assertDisjoint(EAST, WEST);
        }
    }

    private static Server[] serving(WatchedPlatform watched) {
        LocalRegion east = watched.platform().region(EAST);
        return new Server[] {east.kafka(), east.s3(), east.replicator()};
    }

    @Test
    @Tag("full")
    void nodesThatAreStoppedOrKilledMoveNothing() throws Exception {
        try (WatchedPlatform watched = new WatchedPlatform(directory)) {
            watched.start();

            for (Signals signal : List.of(Signals.STOP, Signals.CONT)) {
                // Once stopped and continued, once killed and started again.
                boolean stopped = signal == Signals.STOP;
                for (boolean leader : List.of(true, false)) {
                    lose(watched, node(watched, leader), stopped);
                }
            }
        }
    }

    private static Server node(WatchedPlatform watched, boolean leader) {
        String leads = watched.leader();
        return watched.node(
                leader
                        ? leads
                        : List.of(EAST, WEST, "witness").stream()
                                .filter(node -> !node.equals(leads))
                                .findFirst()
                                .orElseThrow());
    }

    private static void lose(WatchedPlatform watched, Server node, boolean stopped) throws Exception {
        if (stopped) {
            Signals.STOP.send(node);
        } else {
            node.kill();
            watched.progress.line("SIGKILL to " + node.name());
        }
        // What a lease was good for is over by then: these writes are under renewals without the node.
        awaitTime(2 * LEASE_MILLIS);
        watched.awaitWrites(EAST);
        if (stopped) {
            Signals.CONT.send(node);
        } else {
            node.start(watched.progress);
        }
        watched.awaitReady();
        watched.assertNothingMoved();
    }

    /** Nothing stops: another node renews. */
    @Test
    @Tag("full")
    void theActiveRegionsNodeIsDeadWhileItsKafkaLives() throws Exception {
        try (WatchedPlatform watched = new WatchedPlatform(directory)) {
            watched.start();
            Server node = watched.node(EAST);
            long since = System.nanoTime();
            node.kill();
            watched.progress.line("SIGKILL to " + node.name());

            awaitTime(3 * LEASE_MILLIS);

            watched.progress.line("gaps of " + watched.acceptances.longestGap(EAST, RegionWriters.PLAIN, since)
                    + " ms and " + watched.acceptances.longestGap(EAST, RegionWriters.TRANSACTIONAL, since) + " ms");
            assertThat(watched.acceptances.refusals(EAST, since)).isZero();
            assertThat(watched.acceptances.longestGap(EAST, RegionWriters.PLAIN, since))
                    .isLessThan(LEASE_MILLIS);
            watched.assertNothingMoved();
        }
    }

    @Test
    @Tag("full")
    void kafkaIsBackBeforeItsNodeAfterTheRegionWasKilled() throws Exception {
        try (WatchedPlatform watched = new WatchedPlatform(directory)) {
            watched.start();

            watched.platform().killRegion(EAST);
            watched.progress.line("SIGKILL to all of east");
            OperationView failover = watched.awaitFailover();
            watched.awaitWrites(WEST);
            long since = System.nanoTime();
            LocalRegion east = watched.platform().region(EAST);
            east.s3().start(watched.progress);
            east.kafka().start(watched.progress);
            // A whole lease passes without the node.
            awaitTime(2 * LEASE_MILLIS);
            long refusedWithoutNode = watched.acceptances.refusals(EAST, since);
            east.controller().start(watched.progress);
            awaitTime(2 * LEASE_MILLIS);

            assertThat(refusedWithoutNode).isPositive();
            assertThat(watched.acceptances.in(EAST, since)).isEmpty();
            assertThat(watched.active()).isEqualTo(WEST);
            watched.awaitWrites(WEST);
            watched.acceptances.assertDisjoint(EAST, WEST);
            assertThat(failover.steps())
                    .allSatisfy(step -> assertThat(step.state()).isEqualTo("done"));
        }
    }

    /**
     * All that serves in east is stopped, and goes on when west is active, with requests in its sockets; the leader is
     * stopped in the middle of the failover for more than a minute, and goes on, with what it was about to do, when
     * another one has ended it.
     */
    @Test
    @Tag("full")
    void theDelayedEffectsOfALeaderStoppedFor60SecondsInAFailoverChangeNothing() throws Exception {
        try (WatchedPlatform watched = new WatchedPlatform(directory)) {
            watched.start();
            Server[] serving = serving(watched);

            String deposed;
            try (RegionWriters.OpenTransaction open = watched.writers(EAST).open()) {
                Signals.STOP.send(serving);
                waiting()
                        .until(() -> watched.failover()
                                .filter(operation -> operation.steps().size() >= 2)
                                .isPresent());
                deposed = watched.leader();
                Signals.STOP.send(watched.node(deposed));
                long stoppedAt = System.nanoTime();
                watched.awaitFailover();
                watched.awaitWrites(WEST);
                // Longer than any of the steps that it may have been in has time.
                awaitTime(STOPPED_MILLIS - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - stoppedAt));
                assertThat(watched.leader()).isNotEqualTo(deposed);
                long since = System.nanoTime();
                Signals.CONT.send(watched.node(deposed));
                Signals.CONT.send(serving);
                boolean taken = open.commit();
                awaitTime(3 * LEASE_MILLIS);

                assertThat(taken).isFalse();
                assertThat(watched.acceptances.refusals(EAST, since)).isPositive();
                assertThat(watched.acceptances.in(EAST, since)).isEmpty();
            }
            // Ratis ended its server after so long a pause; the node started it again, and says so.
            waiting().until(() -> watched.leaderAsSaidBy(deposed).isPresent());
            JsonNode raft = watched.statusOf(deposed).orElseThrow().path("raft");
            watched.progress.line(deposed + " says: " + raft);
            assertThat(raft.path("serving").asBoolean()).isTrue();
            assertThat(raft.path("longestPauseSeconds").asDouble()).isGreaterThan(STOPPED_MILLIS / 1000.0 - 5);
            assertThat(watched.active()).isEqualTo(WEST);
            assertThat(watched.awaitFailover().epoch()).isEqualTo(2);
            watched.awaitWrites(WEST);
            watched.acceptances.assertDisjoint(EAST, WEST);
        }
    }

    /** Time is what is tested here: a lease has to be over. */
    static void awaitTime(long millis) {
        long began = System.nanoTime();
        waiting().until(() -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began) >= millis);
    }
}
