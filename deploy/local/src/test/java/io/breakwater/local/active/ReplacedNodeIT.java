package io.breakwater.local.active;

import static io.breakwater.local.LocalPlatform.WITNESS;
import static io.breakwater.local.active.WatchedPlatform.EAST;
import static io.breakwater.local.active.WatchedPlatform.WEST;
import static io.breakwater.local.active.WatchedPlatform.waiting;
import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.local.PlatformFiles;
import io.breakwater.local.process.FreePorts;
import io.breakwater.local.process.ServerProcess;
import io.breakwater.local.server.BreakwaterServer;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.local.server.Server;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A controller node is lost for good, and replaced as consensus.md tells a person to, while both kinds of writers write. */
@Tag("full")
class ReplacedNodeIT {

    private static final String NEW = "witness-2";
    private static final Duration COMMAND_LIMIT = Duration.ofMinutes(1);

    private final ProjectLayout layout = ProjectLayout.find();
    private final String raft = "127.0.0.1:" + FreePorts.next();
    private final String http = "127.0.0.1:" + FreePorts.next();

    @TempDir
    private Path directory;

    @Test
    void aNewNodeTakesTheDeadOnesPlaceAndDecidesWithTheOthers() throws Exception {
        try (WatchedPlatform watched = new WatchedPlatform(directory.resolve("platform"));
                Server added = added(watched)) {
            watched.start();
            watched.node(WITNESS).kill();
            waiting().until(() -> !watched.leader().equals(WITNESS));
            watched.awaitWrites(EAST);
            long since = System.nanoTime();

            replaceInPlatformFile(watched.platform().files());
            added.start(watched.progress);
            nodes(watched, "replace", WITNESS, NEW, "--raft", raft);
            waiting().until(() -> watched.vote(EAST, NEW).equals("UP"));
            restart(watched, EAST);
            nodes(watched, "transfer-lead", NEW);
            restart(watched, WEST);
            watched.awaitReady();

            watched.progress.line(
                    "gaps of " + watched.acceptances.longestGap(EAST, RegionWriters.PLAIN, since) + " ms");
            assertThat(watched.acceptances.refusals(EAST, since)).isZero();
            watched.assertNothingMoved();

            watched.platform().killRegion(EAST);
            watched.progress.line("SIGKILL to all of east");
            watched.awaitFailover();
            watched.awaitWrites(WEST);
            watched.acceptances.assertDisjoint(EAST, WEST);
        }
    }

    private BreakwaterServer added(WatchedPlatform watched) {
        PlatformFiles files = watched.platform().files();
        Path own = directory.resolve(NEW);
        return BreakwaterServer.in(
                layout,
                "controller-" + NEW,
                own,
                new BreakwaterServer.Command(
                        List.of(
                                "controller",
                                "--joins",
                                "--platform",
                                files.platformFile().toString(),
                                "--node",
                                NEW,
                                "--data",
                                own.resolve("data").toString(),
                                "--token-file",
                                files.tokenFile().toString(),
                                "--evidence-key",
                                files.evidenceKey().toString(),
                                "--runbooks",
                                layout.runbooks().toString()),
                        "192m",
                        URI.create("http://" + http + "/v1/status")));
    }

    private void replaceInPlatformFile(PlatformFiles files) throws Exception {
        String before = Files.readString(files.platformFile());
        String after = before.replaceFirst(
                "\\{id: " + WITNESS + ", [^}]*}", "{id: " + NEW + ", raft: \"" + raft + "\", http: \"" + http + "\"}");
        assertThat(after).isNotEqualTo(before);
        files.writePlatformFile(after);
    }

    private void nodes(WatchedPlatform watched, String... words) throws InterruptedException {
        PlatformFiles files = watched.platform().files();
        List<String> command = new ArrayList<>(List.of("nodes"));
        command.addAll(List.of(words));
        command.addAll(
                List.of("--controller", watched.platform().controller(WEST).toString()));
        command.addAll(List.of("--token-file", files.tokenFile().toString()));
        command.addAll(List.of("--by", "Ada Lovelace", "--reason", "the disk of " + WITNESS + " is dead"));
        ServerProcess.run(
                BreakwaterServer.launch(layout, "nodes-" + words[0], files.directory(), "64m", command), COMMAND_LIMIT);
        watched.progress.line(String.join(" ", command.subList(0, 2)) + ": done");
    }

    private static void restart(WatchedPlatform watched, String node) throws InterruptedException {
        Server server = watched.node(node);
        server.kill();
        server.start(watched.progress);
        waiting().until(() -> watched.leaderAsSaidBy(node).isPresent());
    }
}
