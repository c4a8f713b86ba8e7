package io.breakwater.replicator.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.InvalidPlatformException;
import io.breakwater.platform.Objectives;
import io.breakwater.platform.Policy;
import io.breakwater.platform.ProtectionGroup;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class JobTablesTest {

    @Test
    void namesAreThoseOfTheGroupsTables() {
        assertThat(of("flights, gold/eu/delays ").paths())
                .containsExactly(
                        Map.entry("flights", "s3://{lake}/flights-v2"),
                        Map.entry("gold/eu/delays", "s3://{lake}/gold/eu/delays"));
        assertThat(of(null).isEmpty()).isTrue();
    }

    @Test
    void aTableThatTheGroupDoesNotHaveIsRefused() {
        for (String wrong : List.of("silver/x", "", "flights,", "[flights]")) {
            assertThatThrownBy(() -> of(wrong))
                    .isInstanceOf(InvalidPlatformException.class)
                    .hasMessageContaining("flink-job delays: tables: ")
                    .hasMessageContaining("no delta-table asset");
        }
    }

    @Test
    void aTableWhoseVersionsAreHeldBackIsRefused() {
        assertThatThrownBy(() -> of("flights,late"))
                .isInstanceOf(InvalidPlatformException.class)
                .hasMessageContaining("'late' has a delay of PT1H");
    }

    private static JobTables of(@Nullable String tables) {
        Map<String, Object> job = new HashMap<>(Map.of("kind", "flink-job", "name", "delays"));
        if (tables != null) {
            job.put("tables", tables);
        }
        return JobTables.of(
                new ProtectionGroup(
                        "east",
                        "west",
                        new Objectives(Duration.ofMinutes(1), Duration.ofMinutes(1)),
                        Policy.CAREFUL,
                        List.of(),
                        List.of(
                                table(Map.of("name", "flights", "path", "s3://{lake}/flights-v2")),
                                table(Map.of("name", "late", "path", "s3://{lake}/late", "delay", "PT1H")),
                                table(Map.of("prefix", "s3://{lake}/gold")))),
                AssetSpec.of(job));
    }

    private static AssetSpec table(Map<String, Object> settings) {
        Map<String, Object> yaml = new HashMap<>(settings);
        yaml.put("kind", "delta-table");
        return AssetSpec.of(yaml);
    }
}
