package io.breakwater.replicator.kafka.topics;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.platform.Alarm;
import io.breakwater.platform.Flow;
import io.breakwater.platform.MirrorHealth.ConnectorState;
import io.breakwater.region.ConnectRest.Status;
import io.breakwater.region.ConnectRest.Task;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ConnectorWatchTest {

    private static final String NAME = "flights.kafka-topic.east-west";
    private static final Instant NOW = Instant.parse("2026-11-22T09:00:00Z");
    private static final Task RUNS = new Task(0, "RUNNING", Optional.empty());
    private static final Task FAILED = new Task(1, "FAILED", Optional.of("org.apache.Oops: no\n\tat Here"));

    private final ConnectorWatch watch = new ConnectorWatch("flights", new Flow("east", "west"));

    @Test
    void aRunningConnectorWithItsTasksIsWell() {
        assertThat(after("RUNNING", RUNS)).isEmpty();
    }

    @Test
    void aRunningConnectorWithoutATaskIsAnAlarmAfterAMoment() {
        assertThat(look("RUNNING", NOW)).isEmpty();

        assertThat(look("RUNNING", NOW.plus(ConnectorWatch.PATIENCE)))
                .singleElement()
                .satisfies(alarm -> {
                    assertThat(alarm.subject()).isEqualTo(NAME);
                    assertThat(alarm.message()).contains("RUNNING without a task", "on west");
                    assertThat(alarm.blocking()).isTrue();
                });
        assertThat(look("RUNNING", NOW.plus(ConnectorWatch.PATIENCE), RUNS)).isEmpty();
    }

    @Test
    void aFailedTaskIsTheOneThatIsNamed() {
        assertThat(after("RUNNING", RUNS, FAILED))
                .singleElement()
                .satisfies(alarm -> assertThat(alarm.message())
                        .contains("failed task: org.apache.Oops: no", "restart?includeTasks=true"));
    }

    @Test
    void aStoppedConnectorOfARunningFlowIsAnAlarm() {
        assertThat(after("STOPPED"))
                .singleElement()
                .satisfies(alarm -> assertThat(alarm.message()).contains("is STOPPED although its flow runs"));
    }

    @Test
    void otherFlowsAndGroupsAreNotLookedAt() {
        Map<String, Status> others = Map.of(
                "flights.kafka-topic.west-east",
                new Status("flights.kafka-topic.west-east", "STOPPED", List.of()),
                NAME,
                new Status(NAME, "RUNNING", List.of(RUNS, FAILED)));

        assertThat(watch.states(others)).containsExactly(Map.entry(NAME, new ConnectorState("RUNNING", 2, 1)));
    }

    private List<Alarm> after(String state, Task... tasks) {
        look(state, NOW, tasks);
        return look(state, NOW.plus(ConnectorWatch.PATIENCE), tasks);
    }

    private List<Alarm> look(String state, Instant now, Task... tasks) {
        return watch.alarms(Map.of(NAME, new Status(NAME, state, List.of(tasks))), now);
    }
}
