package io.breakwater.replicator.delta;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.ObjectUri;
import io.breakwater.replicator.copy.FaultyStore;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A checkpoint whose bytes are not the source's. */
class ByteComparisonTest {

    private static final ObjectUri EAST = ObjectUri.parse("s3://lake-east/t");
    private static final ObjectUri WEST = ObjectUri.parse("s3://lake-west/t");
    private static final String NAME = "00000000000000000001.checkpoint.11111111-2222-3333-4444-555555555555.json";
    private static final String META = "{\"metaData\":{\"id\":\"one\"}}";
    private static final String TXN = "{\"txn\":{\"appId\":\"writer\",\"version\":7}}";
    private static final Instant COPIED = Instant.parse("2026-11-22T12:00:00Z");

    private final FaultyStore source = new FaultyStore();
    private final FaultyStore target = new FaultyStore();
    private final ByteComparison comparison = new ByteComparison(source, EAST, target, WEST);

    @BeforeEach
    void aTableAndItsReplica() {
        source.at(COPIED.minusSeconds(5));
        target.at(COPIED);
        for (FaultyStore store : new FaultyStore[] {source, target}) {
            ObjectUri table = store == source ? EAST : WEST;
            put(store, table.resolve("a"), "xyz");
            put(store, new DeltaLogFiles(store, table).commitFile(0), META + "\n" + add(3));
            put(store, new DeltaLogFiles(store, table).commitFile(1), TXN);
            put(store, new DeltaLogFiles(store, table).file(NAME), META + "\n" + add(3) + "\n" + TXN);
        }
    }

    @Test
    void thatTheSourceHasWrittenAgainIsNamedAndIsNoDifference() throws InterruptedException {
        source.at(COPIED.plusSeconds(60));
        checkpoint(source, EAST, TXN + "\n" + META + "\n" + add(3));

        assertThat(comparison.differences(1)).isEmpty();
        assertThat(comparison.writtenAgain())
                .containsExactly("_delta_log/" + NAME + ": written again by the source, with the same content");
    }

    @Test
    void thatSaysOtherThingsIsADifference() throws InterruptedException {
        source.at(COPIED.plusSeconds(60));
        checkpoint(source, EAST, TXN.replace('7', '8') + "\n" + META + "\n" + add(3));

        assertThat(comparison.differences(1))
                .singleElement()
                .asString()
                .contains(NAME + ": other bytes than the source's, from byte ");
        assertThat(comparison.writtenAgain()).isEmpty();
    }

    @Test
    void ofWhichTheCopyIsNewerIsDamagedAlsoIfItSaysTheSame() throws InterruptedException {
        target.at(COPIED.plusSeconds(60));
        checkpoint(target, WEST, TXN + "\n" + META + "\n" + add(3));

        assertThat(comparison.differences(1)).hasSize(1);
        assertThat(comparison.writtenAgain()).isEmpty();
    }

    @Test
    void thatCannotBeReadIsADifference() throws InterruptedException {
        source.at(COPIED.plusSeconds(60));
        checkpoint(source, EAST, "no JSON");

        assertThat(comparison.differences(1)).hasSize(1);
    }

    private static void checkpoint(FaultyStore store, ObjectUri table, String lines) {
        put(store, new DeltaLogFiles(store, table).file(NAME), lines);
    }

    private static void put(FaultyStore store, ObjectUri uri, String text) {
        store.put(uri, text.getBytes(StandardCharsets.UTF_8));
    }

    private static String add(long size) {
        return "{\"add\":{\"path\":\"a\",\"size\":" + size + "}}";
    }
}
