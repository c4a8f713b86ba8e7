package io.breakwater.region;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.breakwater.platform.Epoch;
import io.breakwater.platform.PartitionKey;
import io.breakwater.region.DeltaCommit.Marker;
import io.breakwater.region.PromotionCommit.Outcome;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PromotionCommitTest {

    private static final Instant NOW = Instant.ofEpochMilli(5000);

    private final MemoryObjectStore store = new MemoryObjectStore();
    private final DeltaLogFiles log = new DeltaLogFiles(store, ObjectUri.parse("s3://lake/flights"));
    private final PromotionCommit second = promotion(2);

    @BeforeEach
    void oneVersion() {
        commit(0, "{\"commitInfo\":{\"timestamp\":1}}");
    }

    @Test
    void claimsTheNextVersionWithEpochAndPositions() {
        assertThat(second.write(store, log, 0, NOW)).isEqualTo(new Outcome.Promoted(1));

        DeltaCommit written = ((CommitContent.Actions) log.content(1).orElseThrow()).commit();
        assertThat(written.marker()).contains(new Marker(Marker.PROMOTION, new Epoch(2), "op-2"));
        assertThat(written.txns()).containsExactly(entry("breakwater:archiver:westCluster:flights.events-0", 7L));
        assertThat(written.time()).contains(NOW);
        assertThat(written.info().orElseThrow().inCommitTimestamp()).isEmpty();
    }

    @Test
    void isDoneIfItWasDoneBefore() {
        second.write(store, log, 0, NOW);
        byte[] first = log.commit(1).orElseThrow();

        assertThat(second.write(store, log, 0, NOW.plusSeconds(9))).isEqualTo(new Outcome.Promoted(1));
        assertThat(second.write(store, log, 1, NOW.plusSeconds(9))).isEqualTo(new Outcome.Promoted(1));
        assertThat(log.commit(1)).hasValueSatisfying(bytes -> assertThat(bytes).isEqualTo(first));
        assertThat(log.newestVersion()).hasValue(1);
    }

    @Test
    void anotherCommitAtTheVersionIsAFork() {
        commit(1, "{\"commitInfo\":{\"timestamp\":2,\"operation\":\"WRITE\"}}");

        assertThat(second.write(store, log, 0, NOW)).isEqualTo(new Outcome.Fork(1, "a commit of another writer"));
    }

    @Test
    void thePromotionOfAnotherEpochIsAForkAndALaterEpochPromotesAgain() {
        second.write(store, log, 0, NOW);

        assertThat(promotion(3).write(store, log, 0, NOW)).isInstanceOf(Outcome.Fork.class);
        assertThat(promotion(3).write(store, log, 1, NOW)).isEqualTo(new Outcome.Promoted(2));
    }

    @Test
    void keepsTheOrderOfTimesInTheLog() {
        commit(1, "{\"commitInfo\":{\"inCommitTimestamp\":9000,\"timestamp\":1}}");

        second.write(store, log, 1, NOW);

        DeltaCommit written = ((CommitContent.Actions) log.content(2).orElseThrow()).commit();
        assertThat(written.info().orElseThrow().inCommitTimestamp()).contains(Instant.ofEpochMilli(9001));
    }

    @Test
    void refusesATableThatItCannotRead() {
        assertThat(second.write(store, log, 4, NOW)).isInstanceOf(Outcome.Refused.class);

        commit(1, "{\"add\"");
        assertThat(second.write(store, log, 1, NOW)).isInstanceOf(Outcome.Refused.class);
    }

    private static PromotionCommit promotion(long epoch) {
        return new PromotionCommit(
                new Epoch(epoch),
                "op-" + epoch,
                "archiver",
                "westCluster",
                new TreeMap<>(Map.of(new PartitionKey("flights.events", 0), 7L)));
    }

    private void commit(long version, String json) {
        store.put(log.commitFile(version), json.getBytes(StandardCharsets.UTF_8));
    }
}
