package io.breakwater.verification.delta;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.MemoryObjectStore;
import io.breakwater.region.ObjectUri;
import io.breakwater.verification.VerificationResult;
import io.breakwater.verification.VerificationResult.Verified;
import io.breakwater.verification.delta.TableReader.UnreadableTableException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two engines on one table, of which Delta Standalone must not be asked about everything. */
class DeltaVerifierTest {

    private static final String FIRST = """
            {"commitInfo":{"timestamp":1,"operation":"CREATE TABLE"}}
            {"protocol":{"minReaderVersion":1,"minWriterVersion":2}}
            {"metaData":{"id":"t","format":{"provider":"parquet","options":{}},"schemaString":"{\\"type\\":\\"struct\\",\\"fields\\":[{\\"name\\":\\"id\\",\\"type\\":\\"long\\",\\"nullable\\":true,\\"metadata\\":{}}]}","partitionColumns":[],"configuration":{},"createdTime":1}}
            """;
    private static final String ADDED = """
            {"add":{"path":"a%20b.parquet","partitionValues":{},"size":3,"modificationTime":1,"dataChange":true}}
            {"add":{"path":"c.parquet","partitionValues":{},"size":4,"modificationTime":1,"dataChange":true}}
            """;
    private static final String REMOVED = """
            {"remove":{"path":"a%20b.parquet","deletionTimestamp":2,"dataChange":true}}
            {"remove":{"path":"c.parquet","deletionTimestamp":2,"dataChange":true}}
            """;
    private static final String UPGRADED =
            "{\"protocol\":{\"minReaderVersion\":3,\"minWriterVersion\":7,\"readerFeatures\":[\"deletionVectors\"],\"writerFeatures\":[\"deletionVectors\"]}}\n";

    private final MemoryObjectStore store = new MemoryObjectStore();
    private final ObjectUri table = new ObjectUri("lake", "a folder/t");
    private final DeltaLogFiles log = new DeltaLogFiles(store, table);

    @BeforeEach
    void threeVersions() {
        commit(0, FIRST);
        commit(1, ADDED);
        commit(2, REMOVED);
    }

    @Test
    void bothEnginesFindTheSameFiles() throws Exception {
        SortedMap<String, Long> standalone = new StandaloneReader(store, table).files(1);

        assertThat(standalone).hasSize(2).containsEntry("a b.parquet", 3L).containsEntry("c.parquet", 4L);
        assertThat(standalone).isEqualTo(new TableReader(store, table).files(1));
    }

    @Test
    void anEmptyObjectThatStandsForAFolderIsNoFile() throws Exception {
        store.put(table.resolve("_delta_log/"), new byte[0]);
        store.put(table.resolve(""), new byte[0]);

        assertThat(new StandaloneReader(store, table).files(1)).hasSize(2);
    }

    @Test
    void standaloneIsAskedWhereItKnowsTheProtocol() throws Exception {
        Verified verified = (Verified) verify(2);

        assertThat(verified.figures().path("standalone").asBoolean()).isTrue();
    }

    @Test
    void standaloneIsNotAskedOfATableThatDemandsMoreEvenLater() throws Exception {
        commit(3, UPGRADED);

        Verified verified = (Verified) verify(2);

        assertThat(verified.figures().path("standalone").asBoolean()).isFalse();
        assertThat(verified.figures().path("logReplayed").asBoolean()).isTrue();
    }

    @Test
    void aMissingObjectIsNamed() throws Exception {
        store.put(table.resolve("a b.parquet"), new byte[3]);

        assertThat(verify(1))
                .isEqualTo(new VerificationResult.Mismatch(
                        List.of("c.parquet: the version needs it, there is no such object")));
    }

    private VerificationResult verify(long version) throws UnreadableTableException {
        return new DeltaVerifier().verify(store, table, version, Optional.empty());
    }

    private void commit(long version, String actions) {
        store.put(log.commitFile(version), actions.getBytes(StandardCharsets.UTF_8));
    }
}
