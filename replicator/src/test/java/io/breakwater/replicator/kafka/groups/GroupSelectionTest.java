package io.breakwater.replicator.kafka.groups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.InvalidPlatformException;
import io.breakwater.platform.Objectives;
import io.breakwater.platform.Policy;
import io.breakwater.platform.ProtectionGroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class GroupSelectionTest {

    @Test
    void theFirstAssetThatMatchesCounts() {
        GroupSelection selection = selection(
                Map.of(
                        "kind",
                        "consumer-group",
                        "pattern",
                        "flights-delays",
                        "outputs",
                        "flights.delays, flights.late"),
                Map.of("kind", "consumer-group", "pattern", "flights-.*", "deletions", "keep"));

        assertThat(selection.outputs("flights-delays")).containsExactlyInAnyOrder("flights.delays", "flights.late");
        assertThat(selection.followsDeletions("flights-delays")).isTrue();
        assertThat(selection.outputs("flights-other")).isEmpty();
        assertThat(selection.followsDeletions("flights-other")).isFalse();
        assertThat(selection.contains("other")).isFalse();
        assertThat(selection.contains(new TopicPartition("flights.events", 0))).isTrue();
        assertThat(selection.contains(new TopicPartition("other", 0))).isFalse();
    }

    @Test
    void saysWhatIsWrongAndWhatWouldBeRight() {
        assertThatThrownBy(
                        () -> selection(Map.of("kind", "consumer-group", "pattern", "a", "output", "flights.delays")))
                .isInstanceOf(InvalidPlatformException.class)
                .hasMessageContaining("unknown key 'output'")
                .hasMessageContaining("outputs");
        assertThatThrownBy(() -> selection(Map.of("kind", "consumer-group", "pattern", "a", "deletions", "no")))
                .isInstanceOf(InvalidPlatformException.class)
                .hasMessageContaining("follow or keep");
        assertThatThrownBy(() -> selection(Map.of("kind", "consumer-group", "pattern", "a", "outputs", "elsewhere")))
                .isInstanceOf(InvalidPlatformException.class)
                .hasMessageContaining("'elsewhere'")
                .hasMessageContaining("no kafka-topic asset");
    }

    @SafeVarargs
    private static GroupSelection selection(Map<String, Object>... groups) {
        List<AssetSpec> assets = new ArrayList<>();
        assets.add(AssetSpec.of(Map.of("kind", "kafka-topic", "pattern", "flights\\..*")));
        for (Map<String, Object> group : groups) {
            assets.add(AssetSpec.of(group));
        }
        return new GroupSelection(new ProtectionGroup(
                "east",
                "west",
                new Objectives(Duration.ofMinutes(1), Duration.ofMinutes(1)),
                Policy.CAREFUL,
                List.of(),
                assets));
    }
}
