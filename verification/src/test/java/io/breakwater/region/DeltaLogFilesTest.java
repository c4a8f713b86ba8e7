package io.breakwater.region;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.region.LogFile.Kind;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class DeltaLogFilesTest {

    private final MemoryObjectStore store = new MemoryObjectStore();
    private final DeltaLogFiles log = new DeltaLogFiles(store, ObjectUri.parse("s3://lake/flights"));

    @Test
    void tellsLogFilesByTheirNames() {
        String zeros = "0000000000000000000";
        for (String name : new String[] {
            zeros + "1.json",
            zeros + "1.crc",
            zeros + "1.00000000000000000003.compacted.json",
            zeros + "1.checkpoint.parquet",
            zeros + "1.checkpoint.0000000002.0000000003.parquet",
            zeros + "1.checkpoint.80a083e8-7026-4e79-81be-64bd76c43a11.json",
            zeros + "1.json.tmp",
            "_last_checkpoint",
            "_sidecars/016ae953-37a9-438e-8683-9a9a4a79a395.parquet"
        }) {
            store.put(log.file(name), new byte[] {1});
        }

        assertThat(log.listFrom(0))
                .extracting(LogFile::kind)
                .containsExactlyInAnyOrder(
                        Kind.COMMIT, Kind.CHECKSUM, Kind.COMPACTION, Kind.CHECKPOINT, Kind.CHECKPOINT, Kind.CHECKPOINT);
        assertThat(log.listFrom(0))
                .filteredOn(file -> file.parts() > 1)
                .singleElement()
                .satisfies(part -> assertThat(part.part()).isEqualTo(2));
    }

    @Test
    void aStoreNamesTheFoldersOfAPlace() {
        store.put(ObjectUri.parse("s3://lake/gold/a/_delta_log/0.json"), new byte[0]);
        store.put(ObjectUri.parse("s3://lake/gold/b/c/x"), new byte[0]);
        store.put(ObjectUri.parse("s3://lake/gold/file"), new byte[0]);
        store.put(ObjectUri.parse("s3://lake/golden/z/x"), new byte[0]);

        assertThat(store.folders(ObjectUri.parse("s3://lake/gold"))).containsExactly("a", "b");
        assertThat(store.folders(ObjectUri.parse("s3://lake/"))).containsExactly("gold", "golden");
        assertThat(store.folders(ObjectUri.parse("s3://lake/none"))).isEmpty();
    }

    @Test
    void listsOnlyWhatIsAfterAVersion() {
        commits(0, 12);

        assertThat(log.commitsAfter(9)).extracting(LogFile::version).containsExactly(10L, 11L, 12L);
        assertThat(log.commitsAfter(12)).isEmpty();
        assertThat(log.commitsAfter(-1)).hasSize(13);
    }

    @Test
    void theNewestVersionEndsAtAGap() {
        commits(0, 5);
        commits(7, 8);

        assertThat(log.newestVersion()).hasValue(5);
    }

    @Test
    void theHintShortensTheSearchAndMayLie() {
        commits(10, 14);
        hint(10);
        assertThat(log.newestVersion()).hasValue(14);

        hint(99);
        assertThat(log.newestVersion()).hasValue(14);

        store.put(log.lastCheckpointFile(), "not json".getBytes(StandardCharsets.UTF_8));
        assertThat(log.newestVersion()).hasValue(14);
    }

    @Test
    void thereMayBeNoTable() {
        assertThat(log.newestVersion()).isEmpty();
        assertThat(log.content(0)).isEmpty();
    }

    private void hint(long version) {
        store.put(log.lastCheckpointFile(), ("{\"version\":" + version + "}").getBytes(StandardCharsets.UTF_8));
    }

    private void commits(long first, long last) {
        for (long version = first; version <= last; version++) {
            store.put(log.commitFile(version), "{}".getBytes(StandardCharsets.UTF_8));
        }
    }
}
