package io.breakwater.replicator.kafka.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.breakwater.platform.Alarm;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.InvalidPlatformException;
import io.breakwater.platform.Objectives;
import io.breakwater.platform.Policy;
import io.breakwater.platform.ProtectionGroup;
import io.breakwater.replicator.kafka.topics.TopicPlan.Plan;
import io.breakwater.replicator.kafka.topics.TopicPlan.Topic;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;

class TopicPlanTest {

    private static final Instant NOW = Instant.parse("2026-11-22T09:00:00Z");
    private static final Topic TOPIC = new Topic(new Uuid(1, 1), 3, true);
    private static final Map<String, Topic> BOTH = Map.of("a.one", TOPIC, "a.two", TOPIC);
    private static final Map<String, Topic> ONE = Map.of("a.one", TOPIC);

    @Test
    void aTopicGoneOnTheSourceIsDeletedAfterItsTime() {
        TopicPlan plan = plan(asset(Map.of("deletion", "delete-after", "deleteAfter", "PT24H")));
        next(plan, BOTH, BOTH, NOW);

        assertThat(next(plan, ONE, BOTH, NOW).deletions()).isEmpty();
        assertThat(next(plan, ONE, BOTH, NOW.plus(Duration.ofHours(24).minusMillis(1)))
                        .deletions())
                .isEmpty();
        assertThat(next(plan, ONE, BOTH, NOW.plus(Duration.ofHours(24))).deletions())
                .containsExactly("a.two");
    }

    @Test
    void theTimeRunsOnOverARestartAndEndsWhenTheTopicIsBack() {
        TopicPlan plan = plan(asset(Map.of("deletion", "delete-after", "deleteAfter", "PT1H")));
        next(plan, BOTH, BOTH, NOW);
        next(plan, ONE, BOTH, NOW);
        TopicPlan restarted = new TopicPlan(
                List.of(asset(Map.of("deletion", "delete-after", "deleteAfter", "PT1H"))), "east", "west", plan.seen());

        assertThat(next(restarted, ONE, BOTH, NOW.plus(Duration.ofHours(1))).deletions())
                .containsExactly("a.two");
        next(restarted, BOTH, BOTH, NOW.plus(Duration.ofHours(2)));
        assertThat(next(restarted, ONE, BOTH, NOW.plus(Duration.ofHours(2))).deletions())
                .isEmpty();
    }

    @Test
    void nothingIsDeletedByDefaultNorWhatTheSourceNeverHadNorWhenAllIsGoneAtOnce() {
        TopicPlan keeping = plan(asset(Map.of()));
        TopicPlan deleting = plan(asset(Map.of("deletion", "delete-after", "deleteAfter", "PT0S")));
        next(keeping, BOTH, BOTH, NOW);

        assertThat(next(keeping, ONE, BOTH, NOW.plus(Duration.ofDays(99))).deletions())
                .isEmpty();
        assertThat(next(deleting, ONE, BOTH, NOW).deletions()).isEmpty();
        next(deleting, BOTH, BOTH, NOW);
        Plan allGone = next(deleting, Map.of(), BOTH, NOW);
        assertThat(allGone.deletions()).isEmpty();
        assertThat(allGone.alarms()).extracting(Alarm::kind).containsExactly("no-topic");
    }

    @Test
    void moreOrLastinglyFewerPartitionsOnTheStandbyAreNamed() {
        TopicPlan plan = plan(asset(Map.of()));
        Map<String, Topic> more = Map.of("a.one", new Topic(new Uuid(2, 2), 4, true));
        Map<String, Topic> fewer = Map.of("a.one", new Topic(new Uuid(2, 2), 2, true));

        assertThat(next(plan, ONE, more, NOW).alarms()).singleElement().satisfies(alarm -> {
            assertThat(alarm.subject()).isEqualTo("a.one");
            assertThat(alarm.message()).contains("4 partitions on west and 3 on east");
            assertThat(alarm.blocking()).isFalse();
        });
        assertThat(next(plan, ONE, fewer, NOW).alarms()).isEmpty();
        assertThat(next(plan, ONE, fewer, NOW.plus(TopicPlan.PATIENCE)).alarms())
                .singleElement()
                .satisfies(alarm -> assertThat(alarm.blocking()).isTrue());
        assertThat(next(plan, ONE, ONE, NOW.plus(TopicPlan.PATIENCE)).alarms()).isEmpty();
    }

    @Test
    void aCopyUnderAnotherNameAndAMissingPermissionAreNamed() {
        TopicPlan plan = plan(asset(Map.of()));
        Map<String, Topic> hidden = Map.of("a.one", new Topic(new Uuid(1, 1), 3, false));

        Plan next = plan.next(hidden, ONE, List.of("a.one", "east.a.one", "east.other"), NOW);

        assertThat(next.alarms())
                .extracting(Alarm::kind, Alarm::subject)
                .containsExactlyInAnyOrder(tuple("no-permission", "a.one"), tuple("renamed-copy", "east.a.one"));
    }

    @Test
    void settingsThatAreNoneAreRefusedWithTheirPlace() {
        assertThatThrownBy(() -> asset(Map.of("deletion", "delete-after")))
                .isInstanceOf(InvalidPlatformException.class)
                .hasMessageContaining("groups.flights.assets: kafka-topic 'a\\..*': deleteAfter ''")
                .hasMessageContaining("PT24H");
        assertThatThrownBy(() -> asset(Map.of("deletion", "never"))).hasMessageContaining("keep or delete-after");
        assertThatThrownBy(() -> asset(Map.of("deleteAfter", "PT1H"))).hasMessageContaining("of no use");
        assertThatThrownBy(() -> asset(Map.of("record", "state"))).hasMessageContaining("expected system");
    }

    private static Plan next(TopicPlan plan, Map<String, Topic> source, Map<String, Topic> target, Instant now) {
        return plan.next(source, target, target.keySet(), now);
    }

    private static TopicPlan plan(TopicAsset asset) {
        return new TopicPlan(List.of(asset), "east", "west", Map.of());
    }

    private static TopicAsset asset(Map<String, Object> settings) {
        Map<String, Object> yaml = new HashMap<>(settings);
        yaml.put("kind", "kafka-topic");
        yaml.put("pattern", "a\\..*");
        ProtectionGroup group = new ProtectionGroup(
                "east",
                "west",
                new Objectives(Duration.ofMinutes(1), Duration.ofMinutes(1)),
                Policy.CAREFUL,
                List.of(),
                List.of(AssetSpec.of(yaml)));
        return TopicAsset.of("flights", group).get(0);
    }
}
