package io.breakwater.replicator.flink;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.platform.ReceivedSnapshots;
import io.breakwater.region.ObjectUri;
import io.breakwater.replicator.copy.FaultyStore;
import io.breakwater.replicator.flink.snapshot.Snapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SnapshotShelfTest {

    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");
    private static final ObjectUri DIRECTORY = ObjectUri.parse("s3://west/breakwater/group/delays");

    private final FaultyStore store = new FaultyStore();
    private final SnapshotShelf shelf = new SnapshotShelf(store, DIRECTORY);

    @BeforeEach
    void threeSnapshots() {
        for (int id = 1; id <= 3; id++) {
            put(id + "/state", NOW.minusSeconds(60));
            put(id + "/" + Snapshot.METADATA, NOW.minusSeconds(60).plusSeconds(id));
        }
    }

    @Test
    void theNewestStay() throws Exception {
        put("4/state", NOW); // without metadata: it never was one

        shelf.keepNewest(2, NOW);

        assertThat(complete()).containsExactly("2", "3");
        assertThat(store.list(DIRECTORY.resolve("4"))).isEmpty();
    }

    @Test
    void oneThatSomebodyRestoresStaysUntilHeIsDone() throws Exception {
        hold("1", NOW.minus(Duration.ofMinutes(59)));
        shelf.keepNewest(1, NOW);
        assertThat(complete()).containsExactly("1", "3");
        assertThat(store.head(DIRECTORY.resolve("1").resolve("state"))).isPresent();

        store.delete(held("1"));
        shelf.keepNewest(1, NOW);
        assertThat(complete()).containsExactly("3");
        assertThat(store.list(DIRECTORY.resolve("1"))).isEmpty();
    }

    @Test
    void whoHasDiedWithoutLettingGoHoldsNothing() throws Exception {
        hold("1", NOW.minus(ReceivedSnapshots.HOLD));

        shelf.keepNewest(1, NOW);

        assertThat(complete()).containsExactly("3");
        assertThat(store.list(DIRECTORY.resolve("1"))).isEmpty();
    }

    private static ObjectUri held(String snapshot) {
        return DIRECTORY.resolve(snapshot).resolve(ReceivedSnapshots.HELD + "drill-1");
    }

    private void hold(String snapshot, Instant since) {
        put(snapshot + "/" + ReceivedSnapshots.HELD + "drill-1", since);
    }

    private void put(String name, Instant time) {
        store.at(time);
        store.put(DIRECTORY.resolve(name), new byte[] {1});
    }

    private List<String> complete() {
        List<String> complete = new ArrayList<>();
        for (String id : List.of("1", "2", "3")) {
            if (store.head(DIRECTORY.resolve(id).resolve(Snapshot.METADATA)).isPresent()) {
                complete.add(id);
            }
        }
        return complete;
    }
}
