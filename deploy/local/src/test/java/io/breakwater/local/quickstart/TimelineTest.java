package io.breakwater.local.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.breakwater.platform.Json;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class TimelineTest {

    private static final Instant KILLED = Instant.parse("2026-11-22T10:00:00Z");

    @Test
    void countsSecondsSinceTheKillInTheOrderOfTheRunbook() throws JsonProcessingException {
        OperationView failover = operation("""
                {"kind": "failover", "state": "succeeded", "epoch": 2,
                 "firstDownVoteAt": "2026-11-22T10:00:01.200Z", "decidedAt": "2026-11-22T10:00:04.500Z",
                 "steps": [
                   {"step": "await-lease-lapsed", "state": "done", "attempts": 1, "endedAt": "2026-11-22T10:00:08Z"},
                   {"step": "restore-jobs", "state": "done", "attempts": 1, "endedAt": "2026-11-22T10:00:15.250Z"}]}
                """);

        Timeline timeline = Timeline.of(KILLED, failover, KILLED.plusSeconds(20));

        assertThat(timeline.seconds())
                .containsExactly(
                        entry("killed", 0.0),
                        entry("first_down_vote", 1.2),
                        entry("decided", 4.5),
                        entry("lease_lapsed", 8.0),
                        entry("jobs", 15.25),
                        entry("serving", 20.0));
    }

    @Test
    void saysWhichEventTheOperationDoesNotTell() throws JsonProcessingException {
        Timeline timeline = Timeline.of(KILLED, operation("{\"firstDownVoteAt\": null}"), KILLED.plusSeconds(1));

        assertThatThrownBy(() -> timeline.required("first_down_vote"))
                .isInstanceOf(StoryFailedException.class)
                .hasMessageContaining("first_down_vote");
    }

    private static OperationView operation(String json) throws JsonProcessingException {
        return new OperationView(Json.MAPPER.readTree(json));
    }
}
