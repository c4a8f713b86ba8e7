package io.breakwater.replicator.delta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.breakwater.platform.AssetId;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.InvalidPlatformException;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.ObjectUri;
import io.breakwater.replicator.copy.CopyLimits;
import io.breakwater.replicator.copy.FaultyStore;
import io.breakwater.replicator.copy.ObjectCopier;
import io.breakwater.replicator.delta.TableRestore.Outcome;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DelayedVersionsTest {

    private static final ObjectUri EAST = ObjectUri.parse("s3://lake-east/t");
    private static final ObjectUri WEST = ObjectUri.parse("s3://lake-west/t");
    private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");
    private static final MirrorPolicy AN_HOUR = new MirrorPolicy(
            Set.of(), MirrorPolicy.Remade.REFUSE, MirrorPolicy.Vacuum.KEEP, Duration.ofDays(7), Duration.ofHours(1));

    @TempDir
    private Path folder;

    private final FaultyStore source = new FaultyStore();
    private final FaultyStore target = new FaultyStore();
    private final DeltaLogFiles west = new DeltaLogFiles(target, WEST);
    private ObjectCopier copier;

    @BeforeEach
    void open() {
        copier = new ObjectCopier(source, target, new CopyLimits(2, 1000, 2, Duration.ofMillis(1), folder));
        commit(0, NOON.minus(Duration.ofHours(3)), "a");
        commit(1, NOON.minus(Duration.ofMinutes(61)), "b");
        commit(2, NOON.minus(Duration.ofMinutes(59)), "c");
        commit(3, NOON.minus(Duration.ofMinutes(1)), "d");
    }

    @AfterEach
    void close() {
        copier.close();
    }

    @Test
    void aVersionIsAppliedWhenItIsOldEnoughAndItsFilesAreThereBefore() throws InterruptedException {
        TableMirror mirror = mirror(NOON);

        assertThat(run(mirror))
                .as("complete only up to what is held back")
                .isEqualTo(
                        new Progress.UpToDate(NOON.minus(Duration.ofMinutes(59)).minusMillis(1)));

        assertThat(west.newestVersion()).hasValue(1);
        assertThat(target.get(WEST.resolve("d"))).isPresent();
        assertThat(mirror.heldBack())
                .hasValue("held back by the delay of PT1H: versions 2 to 3, the first due at 2026-11-22T12:01:00Z;"
                        + " their files are here");
        TableMirror later = mirror(NOON.plus(Duration.ofMinutes(2)));
        run(later);
        assertThat(west.newestVersion()).hasValue(2);
        assertThat(later.heldBack().orElseThrow()).contains("versions 3 to 3");
        TableMirror atLast = mirror(NOON.plus(Duration.ofHours(2)));
        assertThat(run(atLast)).isEqualTo(new Progress.UpToDate(NOON.plus(Duration.ofHours(2))));
        assertThat(west.newestVersion()).hasValue(3);
        assertThat(atLast.heldBack()).isEmpty();
        assertThat(new HeldCommits(target, WEST).versions()).isEmpty();
    }

    /** Whoever destroys the source destroys nothing that was there before. */
    @Test
    void whatIsHeldBackOutlivesTheSource() throws InterruptedException {
        run(mirror(NOON));
        source.list(EAST).forEach(info -> source.delete(info.uri()));

        assertThat(mirror(NOON.plus(Duration.ofHours(2))).advance())
                .isInstanceOfSatisfying(
                        Progress.Stopped.class,
                        stopped -> assertThat(stopped.reason()).contains("the source's log is gone"));
        assertThat(west.newestVersion()).as("the replica is left alone").hasValue(1);

        TableRestore restore = new TableRestore(target, WEST, Clock.systemUTC());
        assertThat(restore.restore(2, false)).isEqualTo(new Outcome.Released(2, 1));
        assertThat(restore.restore(3, false)).isEqualTo(new Outcome.Released(3, 1));
        assertThat(west.newestVersion()).hasValue(3);
        assertThat(restore.restore(4, false))
                .isInstanceOfSatisfying(
                        Outcome.Refused.class,
                        refused -> assertThat(refused.reason()).contains("no delay holds back version 4"));
    }

    @Test
    void aVacuumedFileOfAHeldVersionIsThere() throws InterruptedException {
        run(mirror(NOON));
        source.delete(EAST.resolve("c"));

        run(mirror(NOON.plus(Duration.ofHours(2))));

        assertThat(west.newestVersion()).hasValue(3);
        assertThat(target.get(WEST.resolve("c"))).isPresent();
    }

    @Test
    void aHeldVersionWhoseFilesNeverCameIsNotReleased() throws InterruptedException {
        source.delete(EAST.resolve("c"));
        run(mirror(NOON));

        assertThat(new TableRestore(target, WEST, Clock.systemUTC()).restore(3, false))
                .isInstanceOfSatisfying(
                        Outcome.Refused.class,
                        refused -> assertThat(refused.reason()).contains("1 files of version 3 are gone, such as c"));
        assertThat(west.newestVersion()).hasValue(1);
    }

    @Test
    void anOverwrittenCommitIsNotAppliedInThePlaceOfTheHeldOne() throws InterruptedException {
        run(mirror(NOON));
        commit(2, NOON, "z");

        assertThat(run(mirror(NOON.plus(Duration.ofHours(2)))))
                .isInstanceOfSatisfying(
                        Progress.Stopped.class,
                        stopped -> assertThat(stopped.reason())
                                .contains("version 2 was overwritten at the source while it was held back"));
        assertThat(west.newestVersion()).hasValue(1);
    }

    @Test
    void theDelayIsASettingOfTheAsset() {
        assertThat(MirrorPolicy.of(asset("PT90M"), List.of()).delay()).isEqualTo(Duration.ofMinutes(90));
        assertThat(MirrorPolicy.careful().delay()).isZero();
        assertThatThrownBy(() -> MirrorPolicy.of(asset("an hour"), List.of()))
                .isInstanceOf(InvalidPlatformException.class)
                .hasMessageContaining("delay of a table is 'an hour'");
        assertThatThrownBy(() -> MirrorPolicy.of(asset("-PT1H"), List.of()))
                .isInstanceOf(InvalidPlatformException.class);
    }

    private static AssetSpec asset(String delay) {
        return AssetSpec.of(
                Map.of("kind", AssetSpec.DELTA_TABLE, "name", "t", "path", "s3://{lake}/t", "delay", delay));
    }

    private TableMirror mirror(Instant now) {
        return new TableMirror(
                MirroredTable.of(
                        AssetId.parse("delta-table/t"), Optional.empty(), source, EAST, target, WEST, copier, AN_HOUR),
                Clock.fixed(now, ZoneOffset.UTC));
    }

    private static Progress run(TableMirror mirror) throws InterruptedException {
        Progress progress = mirror.advance();
        for (int i = 0; i < 10 && progress instanceof Progress.Moving; i++) {
            progress = mirror.advance();
        }
        return progress;
    }

    private void commit(long version, Instant time, String path) {
        source.put(EAST.resolve(path), path.getBytes(StandardCharsets.UTF_8));
        source.at(time);
        String action = "{\"add\":{\"path\":\"" + path + "\",\"size\":1}}";
        source.put(new DeltaLogFiles(source, EAST).commitFile(version), action.getBytes(StandardCharsets.UTF_8));
    }
}
