package io.breakwater.replicator.delta;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.platform.AssetId;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.ObjectStore.ObjectInfo;
import io.breakwater.region.ObjectUri;
import io.breakwater.replicator.copy.CopyLimits;
import io.breakwater.replicator.copy.FaultyStore;
import io.breakwater.replicator.copy.ObjectCopier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TableAheadTest {

    private static final ObjectUri EAST = ObjectUri.parse("s3://lake-east/t");
    private static final ObjectUri WEST = ObjectUri.parse("s3://lake-west/t");
    private static final int FILES = 30;

    @TempDir
    private Path folder;

    private final FaultyStore source = new FaultyStore();
    private final FaultyStore target = new FaultyStore();
    private final DeltaLogFiles east = new DeltaLogFiles(source, EAST);
    private ObjectCopier copier;

    @BeforeEach
    void open() {
        copier = new ObjectCopier(source, target, new CopyLimits(2, 1000, 1, Duration.ofMillis(1), folder));
    }

    @AfterEach
    void close() {
        copier.close();
    }

    private MirroredTable table(int index, int of) {
        return MirroredTable.of(
                        AssetId.parse("delta-table/t"),
                        Optional.empty(),
                        source,
                        EAST,
                        target,
                        WEST,
                        copier,
                        MirrorPolicy.careful())
                .with(new FileShare(index, of));
    }

    private static void run(TableAhead ahead) throws InterruptedException {
        Progress progress = new Progress.Moving();
        while (progress instanceof Progress.Moving) {
            progress = ahead.advance();
        }
        assertThat(progress).isInstanceOf(Progress.UpToDate.class);
    }

    private static void run(TableMirror mirror) throws InterruptedException {
        Progress progress = new Progress.Moving();
        while (progress instanceof Progress.Moving) {
            progress = mirror.advance();
        }
        assertThat(progress).isInstanceOf(Progress.UpToDate.class);
    }

    /** A version that adds files. */
    private void commit(long version, int files) {
        StringBuilder lines = new StringBuilder("{\"commitInfo\":{\"timestamp\":1}}\n");
        for (int i = 0; i < files; i++) {
            String path = "v" + version + "-" + i + ".parquet";
            source.put(EAST.resolve(path), path.getBytes(StandardCharsets.UTF_8));
            lines.append("{\"add\":{\"path\":\"")
                    .append(path)
                    .append("\",\"size\":")
                    .append(path.length())
                    .append(",\"dataChange\":true}}\n");
        }
        source.put(east.commitFile(version), lines.toString().getBytes(StandardCharsets.UTF_8));
    }

    private List<String> onTarget() {
        return target.list(WEST).stream()
                .map(ObjectInfo::uri)
                .map(ObjectUri::key)
                .toList();
    }

    @Test
    void theSharesTogetherCopyEveryFileAndPublishNothing() throws InterruptedException {
        commit(0, FILES);
        commit(1, FILES);

        run(new TableAhead(table(1, 3), Clock.systemUTC()));
        int first = onTarget().size();
        run(new TableAhead(table(2, 3), Clock.systemUTC()));
        int both = onTarget().size();

        assertThat(first).isBetween(1, 2 * FILES - 1);
        assertThat(both).isBetween(first + 1, 2 * FILES - 1);
        assertThat(onTarget()).noneMatch(key -> key.contains("_delta_log"));

        TableMirror owner = new TableMirror(table(0, 3), Clock.systemUTC());
        run(owner);
        assertThat(owner.position()).isEqualTo(1);
        assertThat(onTarget()).filteredOn(key -> key.endsWith(".parquet")).hasSize(2 * FILES);
    }

    @Test
    void theTablesOwnTaskFinishesAlone() throws InterruptedException {
        commit(0, FILES);

        run(new TableMirror(table(0, 3), Clock.systemUTC()));

        assertThat(onTarget()).filteredOn(key -> key.endsWith(".parquet")).hasSize(FILES);
    }

    @Test
    void aWrongFileThatWasCopiedAheadIsNotPublished() throws InterruptedException {
        commit(0, FILES);
        run(new TableAhead(table(1, 2), Clock.systemUTC()));
        String copied = onTarget().get(0);
        target.put(new ObjectUri("lake-west", copied), "damaged".getBytes(StandardCharsets.UTF_8));

        TableMirror owner = new TableMirror(table(0, 2), Clock.systemUTC());
        Progress progress = owner.advance();

        assertThat(progress).isInstanceOf(Progress.Stopped.class);
        assertThat(onTarget()).noneMatch(key -> key.contains("_delta_log"));
    }

    @Test
    void itGoesOnlySoFarAheadAndCatchesUpWhereItWasSlower() throws InterruptedException {
        for (int version = 0; version < 100; version++) {
            commit(version, 1);
        }
        TableAhead ahead = new TableAhead(table(1, 2), Clock.systemUTC());
        run(ahead);
        assertThat(onTarget()).noneMatch(key -> key.startsWith("t/v9"));

        run(new TableMirror(table(0, 2), Clock.systemUTC()));
        commit(100, FILES);
        run(ahead);
        assertThat(onTarget()).anyMatch(key -> key.startsWith("t/v100-"));
        assertThat(onTarget().stream().filter(key -> key.startsWith("t/v100-")).count())
                .isLessThan(FILES);
    }

    @Test
    void aSourceThatIsAwayIsWaitedFor() throws InterruptedException {
        commit(0, FILES);
        source.dead(true);
        TableAhead ahead = new TableAhead(table(1, 2), Clock.systemUTC());
        assertThat(ahead.advance()).isInstanceOf(Progress.Waiting.class);
        source.dead(false);
        run(ahead);
        assertThat(onTarget()).isNotEmpty();
    }
}
