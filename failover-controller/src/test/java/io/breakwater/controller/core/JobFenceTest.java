package io.breakwater.controller.core;

import static io.breakwater.controller.core.Scenario.GROUP;
import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.platform.Epoch;
import io.breakwater.platform.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Jobs in the region that was left. */
class JobFenceTest {

    private static final FencedJob JOB = new FencedJob(
            "delays", "0123", Instant.EPOCH, Optional.of("s3://flink-east/checkpoints/chk-7"), FencedJob.Kept.kept);

    @Test
    void aStandbyThatWasNeverActiveOwesNothing() {
        Scenario scenario = new Scenario();

        Reply reply = fence(scenario, Epoch.FIRST, JobFence.owed("west"));

        assertThat(scenario.group().jobFence()).isEmpty();
        assertThat(reply).isEqualTo(new Reply.Refused(List.of(new Denial.RegionNotLeft(GROUP, "west"))));
    }

    @Test
    void afterTheMoveTheJobsOfTheRegionThatWasLeftAreOwed() {
        Scenario scenario = new Scenario().failedOver();

        assertThat(scenario.group().jobFence()).contains(JobFence.owed("east"));
        assertThat(Explanation.of(scenario.state(), "east").left())
                .containsExactly(new Explanation.Left(GROUP, "west", JobFence.owed("east")));
        assertThat(Explanation.of(scenario.state(), "west").left()).isEmpty();
    }

    @Test
    void whatWasEndedStaysKnownThroughTroubleAndASnapshotOfTheState() throws Exception {
        Scenario scenario = new Scenario().failedOver();
        JobFence ended = JobFence.owed("east").withEnded(List.of(JOB)).closedAgain();
        fence(scenario, scenario.epoch(), ended);

        fence(scenario, scenario.epoch(), ended.notClosed("Flink of east does not answer"));

        byte[] bytes = Json.MAPPER.writeValueAsBytes(scenario.state());
        JobFence read = Json.MAPPER
                .readValue(bytes, ControlState.class)
                .group(GROUP)
                .orElseThrow()
                .jobFence()
                .orElseThrow();
        assertThat(read.closed()).isFalse();
        assertThat(read.trouble()).contains("Flink of east does not answer");
        assertThat(read.ended()).containsExactly(JOB);
    }

    @Test
    void aRepeatedReportIsLoggedOnce() {
        Scenario scenario = new Scenario().failedOver();
        JobFence ended = JobFence.owed("east").withEnded(List.of(JOB)).closedAgain();

        fence(scenario, scenario.epoch(), ended);
        fence(scenario, scenario.epoch(), ended);

        assertThat(scenario.evidence()).containsOnlyOnce("jobs fenced");
    }

    @Test
    void aFailbackTurnsTheFenceRoundAtItsPointOfNoReturnAndNotBefore() {
        Scenario scenario = new Scenario().flowsBack();
        Epoch before = scenario.epoch();
        scenario.failback("back-1");
        assertThat(scenario.group().jobFence().map(JobFence::region)).contains("east");
        scenario.pass(Duration.ofSeconds(8)).lapse();
        scenario.endSegment("back-1");

        scenario.pointOfNoReturn("back-1");

        assertThat(scenario.group().jobFence()).contains(JobFence.owed("west"));
        assertThat(fence(scenario, before, JobFence.owed("east")))
                .isEqualTo(new Reply.Refused(List.of(new Denial.StaleEpoch(before, scenario.epoch()))));
        assertThat(fence(scenario, scenario.epoch(), JobFence.owed("east")))
                .isEqualTo(new Reply.Refused(List.of(new Denial.RegionNotLeft(GROUP, "east"))));
    }

    private static Reply fence(Scenario scenario, Epoch epoch, JobFence fence) {
        return scenario.send(new ControlEvent.JobsFenced(GROUP, epoch, fence, List.of("jobs fenced")));
    }
}
