package io.breakwater.controller.runbook.steps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.InvalidPlatformException;
import io.breakwater.platform.Objectives;
import io.breakwater.platform.Policy;
import io.breakwater.platform.ProtectionGroup;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DrillSettingsTest {

    private static final String ARGS = "--bootstrap {bootstrap} --output {drill}.flights.delays --tx {drill}-{region}";

    @Test
    void everythingThatTheJobWritesHasTheDrillsWord() {
        DrillSettings settings = settings(
                "flights\\..*", Map.of("args", ARGS, "topics", "flights.delays", "objects", "s3://{lake}/{drill}/d"));

        assertThat(settings.submission("west", "k:1", "drill-1", "s3://b/s", "0123")
                        .args())
                .containsExactly("--bootstrap", "k:1", "--output", "drill-1.flights.delays", "--tx", "drill-1-west");
        assertThat(settings.topics()).containsExactly("flights.delays");
    }

    @Test
    void argumentsThatNameProductionAreRefused() {
        assertThatThrownBy(() -> settings("flights\\..*", Map.of("args", "--output flights.delays")))
                .isInstanceOf(InvalidPlatformException.class)
                .hasMessageContaining("drill.args does not contain {drill}");
        assertThatThrownBy(() -> settings(
                        "flights\\..*", Map.of("args", ARGS + " --late flights.delays", "topics", "flights.delays")))
                .hasMessageContaining("drill.args contains flights.delays, which drill.topics says the job writes to");
        assertThatThrownBy(() -> settings("flights\\..*", Map.of("args", ARGS + "-{epoch}")))
                .hasMessageContaining("{epoch}");
        assertThatThrownBy(() -> settings("flights\\..*", Map.of("args", ARGS, "objects", "s3://{lake}/delays")))
                .hasMessageContaining("no folder that begins with {drill}");
    }

    @Test
    void aDrillsTopicMustNotBeOneOfTheGroups() {
        assertThatThrownBy(() -> settings(".*delays", Map.of("args", ARGS, "topics", "flights.delays")))
                .hasMessageContaining("the group's topics include drill-*.flights.delays");
    }

    @Test
    void aJobWithoutThatCannotBeDrilled() {
        assertThatThrownBy(() -> settings("flights\\..*", Map.of())).hasMessageContaining("needs 'drill.args'");
    }

    private static DrillSettings settings(String topics, Map<String, Object> drill) {
        AssetSpec job = AssetSpec.of(Map.of(
                "kind", "flink-job",
                "name", "delays",
                "jar", "s3://{flink}/j.jar",
                "entryClass", "Delays",
                "parallelism", 2,
                "args", "--output flights.delays",
                "drill", drill));
        ProtectionGroup group = new ProtectionGroup(
                "east",
                "west",
                new Objectives(Duration.ofMinutes(1), Duration.ofMinutes(1)),
                Policy.CAREFUL,
                List.of(),
                List.of(AssetSpec.of(Map.of("kind", "kafka-topic", "pattern", topics)), job));
        return DrillSettings.of(group, job);
    }
}
