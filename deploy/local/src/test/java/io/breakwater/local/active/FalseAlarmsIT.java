package io.breakwater.local.active;

import static io.breakwater.local.active.WatchedPlatform.EAST;
import static io.breakwater.local.active.WatchedPlatform.WEST;
import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.local.process.Signals;
import io.breakwater.local.server.Server;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is trouble and no loss of a region: nothing is decided, in {@code -Dbreakwater.minutes} (30) of heavy load,
 * pauses of 5 s as of a garbage collector, restarts of brokers, a slow object store, and an observer that is cut off.
 */
@Tag("full")
class FalseAlarmsIT {

    private static final long MINUTES = Long.getLong("breakwater.minutes", 30);
    private static final long PAUSE_MILLIS = 5_000;
    private static final long CUT_OFF_MILLIS = 15_000;
    private static final long SLOW_MILLIS = 2_000;
    private static final int SLOW_TIMES = 4;

    @TempDir
    private Path directory;

    private interface Trouble {
        void happen(WatchedPlatform watched) throws Exception;
    }

    private static final List<Trouble> TROUBLES = List.of(
            watched -> pause(watched.kafka(EAST), PAUSE_MILLIS),
            watched -> pause(watched.node(EAST), PAUSE_MILLIS),
            watched -> slow(watched.platform().region(EAST).s3()),
            watched -> restart(watched, watched.kafka(EAST)),
            watched -> pause(watched.node("witness"), CUT_OFF_MILLIS),
            watched -> pause(watched.platform().region(WEST).replicator(), PAUSE_MILLIS),
            watched -> pause(watched.node(WEST), PAUSE_MILLIS),
            watched -> restart(watched, watched.kafka(WEST)),
            watched -> slow(watched.platform().region(WEST).s3()));

    @Test
    void troubleThatIsNoLossOfARegionMovesNothing() throws Exception {
        try (WatchedPlatform watched = new WatchedPlatform(directory)) {
            watched.start();
            long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(MINUTES);
            int happened = 0;
            try (HeavyLoad load = new HeavyLoad(watched.kafka(EAST))) {
                while (System.nanoTime() < end) {
                    TROUBLES.get(happened % TROUBLES.size()).happen(watched);
                    watched.awaitWrites(EAST);
                    watched.assertNothingMoved();
                    happened++;
                }
                watched.progress.line(
                        happened + " troubles, " + load.taken() + " records of load; " + watched.acceptances);
                assertThat(load.taken()).isPositive();
            }
            watched.awaitReady();
            watched.assertNothingMoved();
        }
    }

    private static void pause(Server server, long millis) throws Exception {
        Signals.STOP.send(server);
        OneActiveRegionIT.awaitTime(millis);
        Signals.CONT.send(server);
    }

    /** Each request takes up to {@link #SLOW_MILLIS}, most of the time. */
    private static void slow(Server store) throws Exception {
        for (int i = 0; i < SLOW_TIMES; i++) {
            pause(store, SLOW_MILLIS);
            OneActiveRegionIT.awaitTime(SLOW_MILLIS / 4);
        }
    }

    private static void restart(WatchedPlatform watched, Server server) throws Exception {
        server.kill();
        server.start(watched.progress);
    }
}
