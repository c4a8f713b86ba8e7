package io.breakwater.replicator.delta;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.platform.Alarm;
import io.breakwater.platform.AssetId;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.ObjectUri;
import io.breakwater.replicator.copy.CopyLimits;
import io.breakwater.replicator.copy.FaultyStore;
import io.breakwater.replicator.copy.ObjectCopier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TableTurnsTest {

    private static final ObjectUri EAST = ObjectUri.parse("s3://lake-east/t");
    private static final Instant START = Instant.ofEpochSecond(1_000_000);

    private final FaultyStore source = new FaultyStore();
    private final FaultyStore target = new FaultyStore();

    @Test
    void aTableInTroubleIsTriedAgainLaterEachTimeAndGoesOn(@TempDir Path folder) throws InterruptedException {
        source.put(new DeltaLogFiles(source, EAST).commitFile(0), "no commit".getBytes(StandardCharsets.UTF_8));
        try (ObjectCopier copier =
                new ObjectCopier(source, target, new CopyLimits(1, 1000, 1, Duration.ZERO, folder))) {
            TableTurns turns = turns(copier);

            step(turns, START);
            assertThat(turns.begin(START.plusMillis(999))).isFalse();
            step(turns, START.plusSeconds(1));
            assertThat(turns.begin(START.plusMillis(2999))).isFalse();
            assertThat(turns.alarm(START.plusSeconds(2)))
                    .hasValueSatisfying(alarm -> assertThat(alarm)
                            .returns("table-stopped", Alarm::kind)
                            .returns("delta-table/t", Alarm::subject)
                            .returns(true, Alarm::blocking));

            source.put(
                    new DeltaLogFiles(source, EAST).commitFile(0),
                    "{\"commitInfo\":{\"timestamp\":1}}".getBytes(StandardCharsets.UTF_8));
            step(turns, START.plusSeconds(3));
            assertThat(turns.alarm(START.plusSeconds(3))).isEmpty();
            assertThat(turns.mirror().position()).isZero();
        }
    }

    @Test
    void aTableThatIsNotThereYetIsLookedForEachFiveSecondsAtTheLatest(@TempDir Path folder)
            throws InterruptedException {
        try (ObjectCopier copier =
                new ObjectCopier(source, target, new CopyLimits(1, 1000, 1, Duration.ZERO, folder))) {
            TableTurns turns = turns(copier);

            for (int looked = 0; looked < 20; looked++) {
                step(turns, START.plusSeconds(5L * looked));
            }

            assertThat(turns.begin(START.plusSeconds(99))).isFalse();
            assertThat(turns.begin(START.plusSeconds(100))).isTrue();
        }
    }

    @Test
    void aSourceThatIsAwayIsAnAlarmOnlyAfterAMinute(@TempDir Path folder) throws InterruptedException {
        source.dead(true);
        try (ObjectCopier copier =
                new ObjectCopier(source, target, new CopyLimits(1, 1000, 1, Duration.ZERO, folder))) {
            TableTurns turns = turns(copier);

            step(turns, START);

            assertThat(turns.alarm(START.plusSeconds(59))).isEmpty();
            assertThat(turns.alarm(START.plusSeconds(60))).map(Alarm::kind).contains("table-waiting");
            assertThat(turns.alarm(START.plusSeconds(60))).map(Alarm::blocking).contains(false);
        }
    }

    private static void step(TableTurns turns, Instant now) throws InterruptedException {
        assertThat(turns.begin(now)).isTrue();
        turns.ended(turns.step(Clock.fixed(now, ZoneOffset.UTC)));
    }

    private TableTurns turns(ObjectCopier copier) {
        return new TableTurns(
                new TableMirror(
                        MirroredTable.of(
                                AssetId.parse("delta-table/t"),
                                Optional.empty(),
                                source,
                                EAST,
                                target,
                                ObjectUri.parse("s3://lake-west/t"),
                                copier,
                                MirrorPolicy.careful()),
                        Clock.systemUTC()),
                "flights");
    }
}
