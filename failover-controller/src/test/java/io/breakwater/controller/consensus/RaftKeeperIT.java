package io.breakwater.controller.consensus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.breakwater.controller.core.ControlEvent;
import io.breakwater.controller.core.EvidenceTail;
import io.breakwater.controller.core.Reply;
import io.breakwater.platform.HostPort;
import io.breakwater.platform.Node;
import io.breakwater.platform.Platform;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One node over a real directory, and a disk that is said to be full. */
class RaftKeeperIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long ROOM = 1L << 30;

    @TempDir
    private Path dir;

    private final AtomicLong free = new AtomicLong(ROOM);
    private volatile String broken = "";
    private volatile Optional<LeadershipListener> ofServer = Optional.empty();
    private final Heard heard = new Heard();
    private Platform platform = new Platform(
            "none",
            List.of(new Node("a", Optional.empty(), new HostPort("127.0.0.1", 1), new HostPort("127.0.0.1", 1))),
            new TreeMap<>(),
            new TreeMap<>());

    private static final class Heard implements LeadershipListener {
        private final AtomicInteger leads = new AtomicInteger();
        private final AtomicInteger follows = new AtomicInteger();
        private final AtomicInteger ends = new AtomicInteger();

        @Override
        public void leads() {
            leads.incrementAndGet();
        }

        @Override
        public void follows() {
            follows.incrementAndGet();
        }

        @Override
        public void ended() {
            ends.incrementAndGet();
        }
    }

    private static final class Forgetful implements EvidenceJournal {
        @Override
        public void append(long index, List<String> entries) {}

        @Override
        public void restore(EvidenceTail tail) {}

        @Override
        public void makeDurable() {}
    }

    @BeforeEach
    void choosePort() throws IOException {
        Node node = ThreeRaftNodes.onFreePorts("a");
        platform = new Platform("keeper-test", List.of(node), new TreeMap<>(), new TreeMap<>());
    }

    private RaftKeeper start() throws IOException {
        return RaftKeeper.start("a", dir, () -> OptionalLong.of(free.get()), this::server, heard, Clock.systemUTC());
    }

    private RaftNode server(LeadershipListener leadership) throws IOException {
        if (!broken.isEmpty()) {
            throw new IOException(broken);
        }
        ofServer = Optional.of(leadership);
        return RaftNode.start(
                platform,
                platform.nodes().get(0),
                dir,
                Optional.empty(),
                false,
                Clock.systemUTC(),
                new Forgetful(),
                (before, event, transition) -> {},
                leadership);
    }

    @Test
    void theServerIsEndedWhileThereIsRoomAndGoesOnWhenThereIsMore() throws Exception {
        try (RaftKeeper keeper = start()) {
            propose(keeper, "1");

            free.set(RaftKeeper.LEAST_FREE_BYTES - 1);
            RaftHealth.Stopped stopped = awaitStopped(keeper, RaftHealth.Cause.DISK_FULL);

            assertThat(stopped.why()).contains(dir.toString(), Long.toString(RaftKeeper.LEAST_FREE_BYTES - 1));
            assertThat(stopped.remedy()).contains(Long.toString(RaftKeeper.FREE_AGAIN_BYTES));
            await().atMost(PATIENCE).until(() -> keeper.node().isEmpty());
            assertThat(keeper.state().evidence().size()).isEqualTo(1);
            assertThat(heard.follows).hasPositiveValue();
            free.set(RaftKeeper.FREE_AGAIN_BYTES - 1);
            awaitLooks(keeper);
            assertThat(keeper.node()).isEmpty();

            free.set(ROOM);
            propose(keeper, "2");
            await().atMost(PATIENCE).until(() -> keeper.state().evidence().size() == 2);
            assertThat(keeper.vitals().health()).isEqualTo(new RaftHealth.Serving());
            assertThat(heard.ends).hasValue(0);
        }
    }

    /** Some of the keeper's seconds. */
    private static void awaitLooks(RaftKeeper keeper) {
        await().during(Duration.ofMillis(2500))
                .atMost(PATIENCE)
                .until(() -> keeper.vitals().health() instanceof RaftHealth.Stopped);
    }

    @Test
    void withoutRoomItWaitsForItFromTheStart() throws Exception {
        free.set(0);
        try (RaftKeeper keeper = start()) {
            awaitStopped(keeper, RaftHealth.Cause.DISK_FULL);
            assertThat(keeper.node()).isEmpty();

            free.set(ROOM);

            propose(keeper, "1");
        }
    }

    @Test
    void aLogThatFailsEndsTheServerUntilItIsStartedAgain() throws Exception {
        try (RaftKeeper keeper = start()) {
            propose(keeper, "1");
            await().atMost(PATIENCE).until(() -> heard.leads.get() > 0);

            ofServer.orElseThrow().logFailed(new IOException("input/output error"));

            assertThat(awaitStopped(keeper, RaftHealth.Cause.LOG_FAILED).why()).contains("input/output error");
            propose(keeper, "2");
            await().atMost(PATIENCE).until(() -> keeper.state().evidence().size() == 2);
            assertThat(heard.ends).hasValue(0);
        }
    }

    @Test
    @Tag("full")
    void whatDoesNotStartAgainIsGivenUp() throws Exception {
        try (RaftKeeper keeper = start()) {
            propose(keeper, "1");
            broken = "cannot be read";

            ofServer.orElseThrow().ended();

            await().atMost(PATIENCE).until(() -> heard.ends.get() == 1);
            assertThat(keeper.vitals().health()).isInstanceOf(RaftHealth.Stopped.class);
        }
    }

    @Test
    void whatDoesNotStartAtFirstIsSaid() {
        broken = "cannot be read";

        assertThatThrownBy(this::start).isInstanceOf(IOException.class).hasMessage("cannot be read");
    }

    private static RaftHealth.Stopped awaitStopped(RaftKeeper keeper, RaftHealth.Cause cause) {
        RaftHealth health = await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(
                        () -> keeper.vitals().health(),
                        is -> is instanceof RaftHealth.Stopped stopped && stopped.cause() == cause);
        return (RaftHealth.Stopped) health;
    }

    /** Until it is answered. */
    private static void propose(RaftKeeper keeper, String id) {
        Reply reply = await().atMost(PATIENCE)
                .ignoreExceptions()
                .until(
                        () -> keeper.node()
                                .orElseThrow()
                                .propose(id, new ControlEvent.EvidenceRecorded(List.of("entry " + id)))
                                .toCompletableFuture()
                                .get(20, TimeUnit.SECONDS),
                        answered -> true);
        assertThat(reply).isEqualTo(new Reply.Accepted());
    }
}
