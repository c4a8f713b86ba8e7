package io.breakwater.controller.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.Json;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class RefusedCommandTest {

    private static final Instant NOW = Instant.parse("2026-11-22T03:00:00Z");

    @Test
    void theTraceOfAStaleCommandNamesItAndWhyItWasRefused() throws Exception {
        ControlEvent late = new ControlEvent.StepBegan("op-1", new Epoch(2), "open-ingress", 1);
        Reply.Refused refused = new Reply.Refused(List.of(new Denial.StaleEpoch(new Epoch(2), new Epoch(3))));

        List<String> entries = RefusedCommand.trace(NOW, late, refused).evidence();

        assertThat(entries).hasSize(1);
        JsonNode entry = Json.MAPPER.readTree(entries.get(0));
        assertThat(entry.at("/kind").asText()).isEqualTo("command-refused");
        assertThat(entry.at("/time").asText()).isEqualTo(NOW.toString());
        assertThat(entry.at("/epoch").asLong()).isEqualTo(2);
        assertThat(entry.at("/operation").asText()).isEqualTo("op-1");
        assertThat(entry.at("/detail/command").asText()).isEqualTo("StepBegan");
        assertThat(entry.at("/detail/step").asText()).isEqualTo("open-ingress");
        assertThat(entry.at("/detail/refusedBecause/0/denial").asText()).isEqualTo("StaleEpoch");
        assertThat(entry.at("/detail/refusedBecause/0/message").asText()).contains("3");
    }

    @Test
    void whatALateLeaderAsksAgainAndAgainLeavesOneTrace() {
        String first = RefusedCommand.traceId(new ControlEvent.StepBegan("op-1", new Epoch(2), "open-ingress", 1));

        assertThat(RefusedCommand.traceId(new ControlEvent.StepBegan("op-1", new Epoch(2), "open-ingress", 2)))
                .isEqualTo(first);
        assertThat(List.of(
                        RefusedCommand.traceId(new ControlEvent.StepBegan("op-1", new Epoch(2), "route", 1)),
                        RefusedCommand.traceId(new ControlEvent.StepBegan("op-1", new Epoch(3), "open-ingress", 1)),
                        RefusedCommand.traceId(new ControlEvent.StepBegan("op-2", new Epoch(2), "open-ingress", 1)),
                        RefusedCommand.traceId(new ControlEvent.PointOfNoReturnPassed("op-1", new Epoch(2)))))
                .doesNotContain(first);
    }

    @Test
    void tellsWhatIsOverFromWhatIsNotYet() {
        assertThat(RefusedCommand.isStale(new Reply.Refused(List.of(new Denial.NoSuchOperation("op-1")))))
                .isTrue();
        assertThat(RefusedCommand.isStale(new Reply.Refused(List.of(new Denial.NewerRenewalStands(1, 2)))))
                .isFalse();
    }
}
