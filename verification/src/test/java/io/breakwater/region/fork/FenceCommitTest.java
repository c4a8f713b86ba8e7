package io.breakwater.region.fork;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.Json;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.MemoryObjectStore;
import io.breakwater.region.ObjectStoreException;
import io.breakwater.region.fork.FenceCommit.Outcome;
import io.breakwater.verification.delta.TableReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FenceCommitTest {

    private static final String PLAIN = "{\"minReaderVersion\":1,\"minWriterVersion\":2}";
    private static final Instant NOW = Instant.ofEpochSecond(1000);
    private static final FenceCommit FENCE = new FenceCommit(new Epoch(2), "op-2");

    private final MemoryObjectStore store = new MemoryObjectStore();

    @Test
    void closesTheTableForWritersAndLeavesItToReaders() throws Exception {
        TableByHand table = new TableByHand(store, PLAIN);
        table.append(1);

        assertThat(FENCE.fence(store, table.log(), NOW)).isEqualTo(new Outcome.Done(2, true));

        assertThat(FenceCommit.isFenced(table.log())).isTrue();
        assertThat(new TableReader(store, TableByHand.ROOT).files(2)).containsOnlyKeys("file-1");
        JsonNode protocol = protocol(table, 2);
        assertThat(protocol.path("minReaderVersion").asInt()).isEqualTo(1);
        assertThat(protocol.path("minWriterVersion").asInt()).isEqualTo(7);
        assertThat(protocol.has("readerFeatures")).isFalse();
    }

    /** PROTOCOL.md, "Table Features": what each writer version implies must be listed from version 7 on. */
    @ParameterizedTest
    @CsvSource({
        "1, 1, breakwater-fence",
        "1, 2, appendOnly breakwater-fence invariants",
        "1, 3, appendOnly breakwater-fence checkConstraints invariants",
        "1, 4, appendOnly breakwater-fence changeDataFeed checkConstraints generatedColumns invariants",
        "2, 5, appendOnly breakwater-fence changeDataFeed checkConstraints columnMapping generatedColumns invariants",
        "1, 6, appendOnly breakwater-fence changeDataFeed checkConstraints columnMapping generatedColumns"
                + " identityColumns invariants"
    })
    void namesWhatTheVersionHadImplied(int reader, int writer, String features) throws Exception {
        TableByHand table =
                new TableByHand(store, "{\"minReaderVersion\":" + reader + ",\"minWriterVersion\":" + writer + "}");

        FENCE.fence(store, table.log(), NOW);

        assertThat(texts(protocol(table, 1).path("writerFeatures"))).isEqualTo(List.of(features.split(" ")));
        assertThat(protocol(table, 1).path("minReaderVersion").asInt()).isEqualTo(reader);
    }

    @Test
    void keepsTheFeaturesThatAreListedAndLiftingBringsTheProtocolBack() throws Exception {
        String listed = "{\"minReaderVersion\":3,\"minWriterVersion\":7,\"readerFeatures\":[\"deletionVectors\"],"
                + "\"writerFeatures\":[\"appendOnly\",\"deletionVectors\"]}";
        TableByHand table = new TableByHand(store, listed);

        FENCE.fence(store, table.log(), NOW);
        Outcome lifted = new FenceCommit(new Epoch(3), "op-3").lift(store, table.log(), NOW);

        assertThat(texts(protocol(table, 1).path("writerFeatures")))
                .containsExactly("appendOnly", "breakwater-fence", "deletionVectors");
        assertThat(texts(protocol(table, 1).path("readerFeatures"))).containsExactly("deletionVectors");
        assertThat(lifted).isEqualTo(new Outcome.Done(2, true));
        assertThat(protocol(table, 2)).isEqualTo(Json.MAPPER.readTree(listed));
        assertThat(new TableReader(store, TableByHand.ROOT).files(2)).isEmpty();
    }

    @Test
    void anotherRunOfTheSameEpochWritesNothing() {
        TableByHand table = new TableByHand(store, PLAIN);
        FENCE.fence(store, table.log(), NOW);

        assertThat(FENCE.fence(store, table.log(), NOW)).isEqualTo(new Outcome.Done(1, false));
        assertThat(table.log().newestVersion()).hasValue(1);
    }

    @Test
    void aLaterEpochFencesAgainSoThatAnOlderOneCannotLift() throws Exception {
        TableByHand table = new TableByHand(store, PLAIN);
        FENCE.fence(store, table.log(), NOW);
        FenceCommit later = new FenceCommit(new Epoch(5), "op-5");

        assertThat(later.fence(store, table.log(), NOW)).isEqualTo(new Outcome.Done(2, true));

        assertThat(new FenceCommit(new Epoch(4), "late").lift(store, table.log(), NOW))
                .isInstanceOf(Outcome.Refused.class);
        assertThat(new FenceCommit(new Epoch(4), "late").fence(store, table.log(), NOW))
                .isInstanceOf(Outcome.Refused.class);
        assertThat(new FenceCommit(new Epoch(6), "op-6").lift(store, table.log(), NOW))
                .isEqualTo(new Outcome.Done(3, true));
        assertThat(protocol(table, 3)).isEqualTo(Json.MAPPER.readTree(PLAIN));
    }

    @Test
    void nothingIsLiftedWhereNoFenceStands() {
        TableByHand table = new TableByHand(store, PLAIN);

        assertThat(FENCE.lift(store, table.log(), NOW)).isEqualTo(new Outcome.Done(0, false));
        assertThat(table.log().newestVersion()).hasValue(0);
    }

    @Test
    void aFasterWriterIsFencedBehind() {
        TableByHand table = new TableByHand(store, PLAIN);
        StepwiseStore racing = new StepwiseStore(store);
        racing.before("put if absent", () -> table.append(1));

        assertThat(FENCE.fence(racing, new DeltaLogFiles(racing, TableByHand.ROOT), NOW))
                .isEqualTo(new Outcome.Done(2, true));
        assertThat(table.log().commit(1))
                .hasValueSatisfying(
                        bytes -> assertThat(FenceCommit.isFence(bytes)).isFalse());
    }

    /** Whoever fences may die after each request: the next run leaves exactly one fence of the epoch. */
    @Test
    void diesAfterEachRequestAndTheNextRunFencesOnce() {
        boolean finished = false;
        for (int requests = 0; !finished; requests++) {
            store.close();
            TableByHand table = new TableByHand(store, PLAIN);
            table.append(1);
            StepwiseStore dying = new StepwiseStore(store).diesAfter(requests);
            try {
                FENCE.fence(dying, new DeltaLogFiles(dying, TableByHand.ROOT), NOW);
                finished = true;
            } catch (ObjectStoreException | IllegalStateException e) {
                assertThat(e).as("after " + requests).hasStackTraceContaining("died here");
            }

            assertThat(FENCE.fence(store, table.log(), NOW))
                    .as("after " + requests)
                    .isInstanceOfSatisfying(
                            Outcome.Done.class,
                            done -> assertThat(done.version()).isEqualTo(2));
            assertThat(table.log().newestVersion()).hasValue(2);
        }
    }

    @Test
    void aLogWithAGapIsLeftAlone() {
        TableByHand table = new TableByHand(store, PLAIN);
        table.append(3);

        assertThat(FENCE.fence(store, table.log(), NOW))
                .isInstanceOfSatisfying(
                        Outcome.Refused.class,
                        refused -> assertThat(refused.reason()).contains("gap after version 0"));
        assertThat(table.log().commit(1)).isEmpty();
    }

    @Test
    void thereMayBeNoTable() {
        TableByHand table = new TableByHand(store, PLAIN);
        store.delete(table.log().commitFile(0));

        assertThat(FENCE.fence(store, table.log(), NOW)).isEqualTo(new Outcome.NoTable());
    }

    private static JsonNode protocol(TableByHand table, long version) throws Exception {
        byte[] bytes = table.log().commit(version).orElseThrow();
        for (String line : new String(bytes, StandardCharsets.UTF_8).lines().toList()) {
            JsonNode protocol = Json.MAPPER.readTree(line).path("protocol");
            if (protocol.isObject()) {
                return protocol;
            }
        }
        throw new AssertionError("version " + version + " has no protocol");
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(text -> texts.add(text.asText()));
        return texts;
    }
}
