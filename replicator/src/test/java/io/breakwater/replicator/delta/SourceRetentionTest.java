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
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourceRetentionTest {

    private static final ObjectUri EAST = ObjectUri.parse("s3://lake-east/t");
    private static final ObjectUri WEST = ObjectUri.parse("s3://lake-west/t");
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final FaultyStore source = new FaultyStore();
    private final FaultyStore target = new FaultyStore();
    private RetentionWatch watch;
    private ObjectCopier copier;

    @BeforeEach
    void open(@TempDir Path folder) {
        copier = new ObjectCopier(source, target, new CopyLimits(1, 1000, 1, Duration.ZERO, folder));
        watch = new RetentionWatch(MirroredTable.of(
                AssetId.parse("delta-table/t"),
                Optional.empty(),
                source,
                EAST,
                target,
                WEST,
                copier,
                MirrorPolicy.careful()));
    }

    @AfterEach
    void close() {
        copier.close();
    }

    private Optional<Alarm> after(Duration lag) throws InterruptedException {
        watch.behind(START);
        watch.look(START.plus(lag));
        return watch.alarm();
    }

    private void properties(String json) {
        source.put(
                new DeltaLogFiles(source, EAST).commitFile(0),
                ("{\"metaData\":{\"id\":\"x\",\"configuration\":{" + json + "}}}").getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void intervalsAreReadAsSparkWritesThem() {
        assertThat(SourceRetention.parse("interval 1 week")).contains(Duration.ofDays(7));
        assertThat(SourceRetention.parse("interval 30 days")).contains(Duration.ofDays(30));
        assertThat(SourceRetention.parse("36 hours")).contains(Duration.ofHours(36));
        assertThat(SourceRetention.parse("INTERVAL 1 day 12 hours")).contains(Duration.ofHours(36));
        assertThat(SourceRetention.parse("interval 0 hours")).contains(Duration.ZERO);
        assertThat(SourceRetention.parse("interval 1 month"))
                .as("no writer takes it")
                .isEmpty();
        assertThat(SourceRetention.parse("soon")).isEmpty();
        assertThat(SourceRetention.of(Map.of())).isEqualTo(SourceRetention.STANDARD);
    }

    @Test
    void theAlarmBeginsAtHalfOfTheTime() throws InterruptedException {
        properties("");
        assertThat(after(Duration.ofDays(3))).isEmpty();
        assertThat(after(Duration.ofDays(4)).orElseThrow())
                .returns("table-retention", Alarm::kind)
                .returns("delta-table/t", Alarm::subject)
                .returns(false, Alarm::blocking)
                .extracting(Alarm::message)
                .asString()
                .contains("since 2026-01-01T00:00:00Z", "PT168H", "delta.deletedFileRetentionDuration", "VACUUM");

        watch.caughtUp(START.plus(Duration.ofDays(4)));
        watch.look(START.plus(Duration.ofDays(4)).plusSeconds(1));
        assertThat(watch.alarm()).as("it has caught up").isEmpty();
    }

    @Test
    void thePropertiesOfTheTableCount() throws InterruptedException {
        properties("\"delta.deletedFileRetentionDuration\":\"interval 60 days\","
                + "\"delta.logRetentionDuration\":\"interval 2 days\"");
        assertThat(after(Duration.ofHours(23))).isEmpty();
        assertThat(after(Duration.ofHours(25)).map(Alarm::message).orElse(""))
                .contains("keeps its log for PT48H (delta.logRetentionDuration)");
    }

    @Test
    void aSourceThatIsNotReachedMayGoOnVacuuming() throws InterruptedException {
        properties("\"delta.deletedFileRetentionDuration\":\"interval 2 hours\"");
        watch.caughtUp(START);
        watch.look(START.plus(Duration.ofMinutes(50)));
        assertThat(watch.alarm()).isEmpty();
        source.dead(true);

        watch.look(START.plus(Duration.ofMinutes(70)));

        assertThat(watch.alarm().map(Alarm::message).orElse("")).contains("PT2H");
    }
}
