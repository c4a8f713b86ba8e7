package io.breakwater.local.active;

import static io.breakwater.local.active.WatchedPlatform.EAST;
import static io.breakwater.local.active.WatchedPlatform.WEST;
import static io.breakwater.local.active.WatchedPlatform.waiting;
import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.local.LocalRegion;
import io.breakwater.local.process.Signals;
import io.breakwater.local.quickstart.OperationView;
import io.breakwater.local.server.Server;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Writers try both regions all the time, plainly, in transactions, and with one that is open when the region is lost:
 * what a region acknowledged and what the other one did never overlap.
 */
@Tag("full")
class OneActiveRegionIT {

    private static final long LEASE_MILLIS = 6_000;

    @TempDir
    private Path directory;

    @Test
    void aRegionThatIsKilledComesBackClosed() throws Exception {
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
            // Kafka is back before its node: a whole lease passes.
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
     * stopped in the middle of the failover, and goes on when another one has ended it.
     */
    @Test
    void aRegionAndALeaderThatGoOnLateChangeNothing() throws Exception {
        try (WatchedPlatform watched = new WatchedPlatform(directory)) {
            watched.start();
            LocalRegion east = watched.platform().region(EAST);
            Server[] serving = {east.kafka(), east.s3(), east.replicator()};

            try (RegionWriters.OpenTransaction open = watched.writers(EAST).open()) {
                Signals.STOP.send(serving);
                waiting()
                        .until(() -> watched.failover()
                                .filter(operation -> operation.steps().size() >= 2)
                                .isPresent());
                String deposed = watched.leader();
                Signals.STOP.send(watched.node(deposed));
                watched.awaitFailover();
                watched.awaitWrites(WEST);
                awaitTime(LEASE_MILLIS);
                assertThat(watched.leader()).isNotEqualTo(deposed);
                long since = System.nanoTime();
                Signals.CONT.send(watched.node(deposed));
                Signals.CONT.send(serving);
                boolean taken = open.commit();
                awaitTime(3 * LEASE_MILLIS);

                assertThat(taken).isFalse();
                assertThat(watched.acceptances.refusals(EAST, since)).isPositive();
            }
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
