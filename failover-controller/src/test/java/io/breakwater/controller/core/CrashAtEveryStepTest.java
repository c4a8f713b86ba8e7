package io.breakwater.controller.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.controller.core.CrashPoint.Moment;
import io.breakwater.controller.core.CrashStory.Fate;
import io.breakwater.controller.core.CrashStory.Killed;
import io.breakwater.controller.core.CrashStory.Stopped;
import io.breakwater.controller.runbook.SimulatedRuns;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * At each boundary of each step of each runbook the leader ends, and the operation ends as if it had not: the next
 * leader goes on, nothing that is done is done again, and an old leader that goes on late changes nothing.
 */
class CrashAtEveryStepTest {

    /** It comes back within the time of each step, or beyond that of most. */
    private static final List<Fate> FATES = List.of(new Killed(), new Stopped(10), new Stopped(70));

    private static final List<Fate> MORE_FATES = List.of(new Stopped(4), new Stopped(40), new Stopped(700));

    private static final Map<String, CrashStory> UNDISTURBED = new TreeMap<>();
    private static final List<String> RUNBOOKS = List.of(Operation.FAILOVER, Operation.FAILBACK, Operation.LEDGER);

    static Stream<Arguments> allMoments() {
        return allMoments(FATES);
    }

    static Stream<Arguments> allMomentsOfMoreFates() {
        return allMoments(MORE_FATES);
    }

    private static Stream<Arguments> allMoments(List<Fate> fates) {
        return RUNBOOKS.stream()
                .flatMap(runbook -> moments(runbook)
                        .flatMap(point -> fates.stream().map(fate -> Arguments.of(runbook, point, fate))));
    }

    private static Stream<CrashPoint> moments(String runbook) {
        Stream<CrashPoint> ofSteps = SimulatedRuns.stepsOf(runbook).stream()
                .flatMap(step -> Arrays.stream(Moment.values()).map(moment -> new CrashPoint(step, moment)));
        Stream<CrashPoint> ofTheEnd = Stream.of(Moment.BEFORE_END, Moment.END_COMES_LATE, Moment.AFTER_END)
                .map(moment -> new CrashPoint(CrashPoint.THE_END, moment));
        return Stream.concat(ofSteps, ofTheEnd);
    }

    @ParameterizedTest(name = "{0}: {1}, {2}")
    @MethodSource("allMoments")
    void theOperationEndsAsIfItsLeaderHadLived(String runbook, CrashPoint point, Fate fate) {
        CrashStory undisturbed = UNDISTURBED.computeIfAbsent(
                runbook, name -> story(name, Optional.empty(), fate).run());

        CrashStory crashed = story(runbook, Optional.of(point), fate).run();

        assertThat(crashed.hasStruck()).isTrue();
        Operation operation = crashed.operation();
        assertThat(operation.state()).as("%s", operation).isEqualTo(Operation.State.succeeded);
        assertThat(operation.steps())
                .extracting(StepRun::step)
                .containsExactlyElementsOf(SimulatedRuns.stepsOf(runbook));
        assertThat(operation.steps()).extracting(StepRun::state).containsOnly(StepRun.State.done);
        assertThat(withoutTimes(crashed)).isEqualTo(withoutTimes(undisturbed));
        assertThat(crashed.works()).isEqualTo(undisturbed.works());
        assertThat(crashed.changes()).isEqualTo(undisturbed.changes());
        assertThat(ended(crashed)).isEqualTo(ended(undisturbed));
        if (fate instanceof Killed) {
            assertThat(operation.steps().stream().filter(step -> step.attempts() > 1))
                    .as("begun again")
                    .allSatisfy(step -> {
                        assertThat(step.step()).isEqualTo(point.step());
                        assertThat(step.attempts()).isEqualTo(2);
                    });
        }
    }

    @ParameterizedTest(name = "{0}: {1}, {2}")
    @MethodSource("allMomentsOfMoreFates")
    @Tag("full")
    void itEndsSoHoweverLateTheOldLeaderGoesOn(String runbook, CrashPoint point, Fate fate) {
        theOperationEndsAsIfItsLeaderHadLived(runbook, point, fate);
    }

    private static CrashStory story(String runbook, Optional<CrashPoint> point, Fate fate) {
        Scenario scenario = new Scenario();
        String id = switch (runbook) {
            case Operation.FAILOVER -> {
                scenario.lost().decide("failover-1");
                yield "failover-1";
            }
            case Operation.FAILBACK -> {
                scenario.flowsBack().failback("failback-1");
                yield "failback-1";
            }
            default -> {
                scenario.failedOver().votes(Scenario.up(), Scenario.up()).pass(Duration.ofSeconds(1));
                LeaderFacts facts = new LeaderFacts(scenario.state().settings(), Map.of());
                Proposals.due(scenario.state(), scenario.now(), facts).forEach(scenario::send);
                yield "ledger-flights-2";
            }
        };
        assertThat(scenario.operation(id).isRunning()).isTrue();
        return new CrashStory(scenario, id, point, fate);
    }

    private static List<Object> withoutTimes(CrashStory story) {
        GroupState group = story.group();
        return List.of(
                group.active(),
                group.standby(),
                group.epoch(),
                group.gates(),
                group.segments(),
                group.operation(),
                group.flowPending(),
                group.lease().lapsed());
    }

    /**
     * How often the evidence log says of each step, and of the operation, how it ended. That an old leader was refused is
     * told there too, and is no end of anything.
     */
    private static Map<String, Long> ended(CrashStory story) {
        return story.evidence().stream()
                .filter(entry -> !entry.contains(RefusedCommand.KIND))
                .map(entry -> entry.replaceAll("\"time\":\"[^\"]*\"", ""))
                .collect(Collectors.groupingBy(entry -> entry, TreeMap::new, Collectors.counting()));
    }
}
