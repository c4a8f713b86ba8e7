package io.breakwater.controller.runbook.steps;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.controller.runbook.steps.EarlierSnapshots.Folder;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.Region.ObjectStoreSite;
import io.breakwater.region.DirectoryStore;
import io.breakwater.region.ObjectStore.ObjectInfo;
import io.breakwater.region.ObjectUri;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Flows into the region began in epochs 1, 3 and 5; that of epoch 5 runs. */
class EarlierSnapshotsTest {

    private static final Epoch RUNNING = new Epoch(5);
    private static final String JOB = "delays";
    private static final Duration DAY = Duration.ofDays(1);

    @TempDir
    private Path folder;

    private DirectoryStore store;
    private EarlierSnapshots earlier;

    @BeforeEach
    void fill() {
        store = new DirectoryStore(folder, "flink-west");
        earlier = new EarlierSnapshots(store, site(), "flights");
        for (String place : List.of("breakwater", "breakwater-epoch-3", "breakwater-epoch-5")) {
            for (String job : List.of(JOB, "other")) {
                put(place + "/flights/" + job + "/20261122T000000Z-7/_metadata");
                put(place + "/flights/" + job + "/20261122T000000Z-7/breakwater-position.json");
                put(place + "/flights/" + job + "/shared/1.sst");
            }
        }
    }

    private static ObjectStoreSite site() {
        return new ObjectStoreSite(
                "us-east-1",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Map.of("flink", "flink-west"),
                Optional.empty());
    }

    private void put(String key) {
        store.put(new ObjectUri("flink-west", key), new byte[3]);
    }

    private List<String> left() {
        return store.list(new ObjectUri("flink-west", "")).stream()
                .map(ObjectInfo::uri)
                .map(ObjectUri::key)
                .toList();
    }

    @Test
    void whatEarlierFlowsBroughtGoesWithItsRetention() {
        List<Folder> expired = earlier.expired(JOB, RUNNING, Instant.now().plus(DAY), List.of());

        assertThat(expired).extracting(Folder::epoch).containsExactly(Epoch.FIRST, new Epoch(3));
        assertThat(expired).allSatisfy(folder -> {
            assertThat(folder.objects()).isEqualTo(3);
            assertThat(folder.bytes()).isEqualTo(9);
        });
        expired.forEach(earlier::delete);
        assertThat(left())
                .hasSize(12)
                .noneMatch(key -> key.contains("/" + JOB + "/") && !key.startsWith("breakwater-epoch-5/"));
        assertThat(earlier.expired(JOB, RUNNING, Instant.now().plus(DAY), List.of()))
                .isEmpty();
    }

    @Test
    void whatIsYoungerStays() {
        assertThat(earlier.expired(JOB, RUNNING, Instant.now().minus(DAY), List.of()))
                .isEmpty();
    }

    @Test
    void theFolderWithTheLastSnapshotOfAJobThatWasEndedStays() {
        String last = "s3://flink-west/breakwater-epoch-3/flights/" + JOB + "/20261122T000000Z-7";

        assertThat(earlier.expired(JOB, RUNNING, Instant.now().plus(DAY), List.of(last)))
                .extracting(Folder::epoch)
                .containsExactly(Epoch.FIRST);
    }

    @Test
    void beforeTheFirstMoveThereIsNothingEarlier() {
        assertThat(earlier.expired(JOB, Epoch.FIRST, Instant.now().plus(DAY), List.of()))
                .isEmpty();
    }
}
