package io.breakwater.local.active;

import static io.breakwater.local.active.WatchedPlatform.EAST;
import static io.breakwater.local.active.WatchedPlatform.waiting;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.breakwater.local.LocalPlatform;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A leader whose disk is full to the last byte: it steps down and says why, the others go on, and it comes back. */
@Tag("full")
class FullDiskIT {

    private static final int MEGABYTES = 96;

    @TempDir
    private Path directory;

    @Test
    void aLeaderWhoseDiskIsFullStepsDownSaysSoAndComesBackWhenThereIsRoom() throws Exception {
        WatchedPlatform watched = new WatchedPlatform(directory);
        // The lead is kept outside the active region: one of these two has it.
        try (SmallDisk west = SmallDisk.mount(watched.platform().controllerData(LocalPlatform.WEST), MEGABYTES);
                SmallDisk witness =
                        SmallDisk.mount(watched.platform().controllerData(LocalPlatform.WITNESS), MEGABYTES);
                watched) {
            Map<String, SmallDisk> disks = Map.of(LocalPlatform.WEST, west, LocalPlatform.WITNESS, witness);
            watched.start();
            waiting().until(() -> disks.containsKey(watched.leader()));
            String leader = watched.leader();
            SmallDisk disk = Objects.requireNonNull(disks.get(leader), leader);

            disk.fill();
            watched.progress.line("the disk of " + leader + " is full");

            waiting().until(() -> !raft(watched, leader).path("serving").asBoolean(true));
            JsonNode stopped = raft(watched, leader).path("stopped");
            watched.progress.line("it says: " + stopped);
            assertThat(stopped.path("cause").asText()).isEqualTo("disk-full");
            assertThat(stopped.path("remedy").asText()).contains("free at least");
            assertThat(metrics(watched, leader))
                    .contains("breakwater_raft_serving 0.0")
                    .contains("breakwater_raft_stopped{cause=\"disk-full\"} 1.0");
            assertThat(Files.readString(log(leader))).contains("takes no part in consensus, cause=disk-full");
            waiting().until(() -> !watched.leader().equals(leader));
            OneActiveRegionIT.awaitTime(3 * OneActiveRegionIT.LEASE_MILLIS);
            watched.awaitWrites(EAST);
            watched.assertNothingMoved();

            disk.free();
            waiting().until(() -> raft(watched, leader).path("serving").asBoolean());
            waiting().until(() -> watched.leaderAsSaidBy(leader).isPresent());
            watched.awaitReady();
            watched.assertNothingMoved();
            assertThat(watched.node(leader).processes()).allMatch(process -> process.alive());
        }
    }

    private static JsonNode raft(WatchedPlatform watched, String node) {
        return watched.statusOf(node).orElse(MissingNode.getInstance()).path("raft");
    }

    private static String metrics(WatchedPlatform watched, String node) throws Exception {
        URI metrics = watched.platform().controller(node).resolve("/metrics");
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(metrics).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private Path log(String node) {
        return directory.resolve(node).resolve("controller").resolve("controller-" + node + ".log");
    }
}
