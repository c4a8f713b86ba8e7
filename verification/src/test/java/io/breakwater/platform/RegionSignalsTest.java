package io.breakwater.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RegionSignalsTest {

    private static final String YAML = """
            platform: flights
            nodes: [{id: one, raft: "127.0.0.1:1", http: "127.0.0.1:2"}]
            groups: {}
            regions:
              east:
                kafka: {bootstrap: "127.0.0.1:1", mirrorPrincipal: "User:mirror"}
                connect: {url: "http://127.0.0.1:2"}
                objectStore: {region: us-east-1}
                flink: {url: "http://127.0.0.1:4"}
                signals:
                  counting: [kafka, object-store, promql]
                  maxLag: PT20S
                  promql:
                    - {name: write-errors, url: "http://127.0.0.1:9090", query: "sum(errors)", unhealthyIf: "> 0.05"}
                  alerts:
                    lostAfter: PT10M
                    watchdog: {alertname: Watchdog}
                    components:
                      - {component: kafka, labels: {region: us-east-1, service: kafka}}
            """;

    @TempDir
    private Path dir;

    @Test
    void readsWhatIsWatched() throws IOException {
        RegionSignals signals = load(YAML).region("east").watched();

        assertThat(signals.counting()).containsExactly("kafka", "object-store", "promql");
        assertThat(signals.maxLag()).isEqualTo(Duration.ofSeconds(20));
        assertThat(signals.promql().get(0).isUnhealthy(0.06)).isTrue();
        AlertSource alerts = signals.alerts().orElseThrow();
        assertThat(alerts.components().get(0).matches(Map.of("region", "us-east-1", "service", "kafka", "x", "y")))
                .isTrue();
        assertThat(alerts.components().get(0).matches(Map.of("region", "us-east-1")))
                .isFalse();
    }

    @Test
    void withoutSettingsTheComponentsCount() throws IOException {
        RegionSignals signals =
                load(YAML.replaceFirst("(?s) +signals:.*", "")).region("east").watched();

        assertThat(signals).isEqualTo(RegionSignals.USUAL);
        assertThat(signals.counting()).containsExactly("flink", "kafka", "object-store");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            kafka, object-store, promql | kafka            | regions.east.signals.counting: 1 of the 2 classes
            kafka, object-store, promql | kafka, tea       | regions.east.signals.counting: no class 'tea'; there are [
            maxLag: PT20S               | maxLag: PT0S     | regions.east.signals.maxLag: PT0S; above zero is needed
            > 0.05                      | too much         | regions.east.signals.promql.write-errors.unhealthyIf: 'too much'
            http://127.0.0.1:9090       | prometheus       | regions.east.signals.promql.write-errors.url: 'prometheus'
            lostAfter: PT10M            | lostAfter: PT0S  | regions.east.signals.alerts.lostAfter: PT0S
            region: us-east-1, service: kafka | | regions.east.signals.alerts.components.kafka.labels: at least one
            maxLag: PT20S               | maxLagg: PT20S   | regions.east.signals.maxLagg: unknown key
            """)
    void refusesWhatIsWrongWithItsPath(String cut, String put, String expected) {
        String wrong = YAML.replace(cut, put == null ? "" : put);

        assertThatThrownBy(() -> load(wrong))
                .isInstanceOf(InvalidPlatformException.class)
                .hasMessageContaining(expected);
    }

    private Platform load(String yaml) throws IOException {
        return PlatformFile.load(Files.writeString(dir.resolve("platform.yaml"), yaml));
    }
}
