package io.breakwater.local.quickstart;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What happened when, in seconds since the kill, in the order of the runbook. The clocks of the controller nodes and
 * of this JVM are those of one machine.
 */
record Timeline(Map<String, Double> seconds) {

    static final String SERVING = "serving";

    private static final Map<String, String> EVENT_OF_STEP = steps();

    private static Map<String, String> steps() {
        Map<String, String> steps = new LinkedHashMap<>();
        steps.put("await-lease-lapsed", "lease_lapsed");
        steps.put("fence-mirror", "mirror_fenced");
        steps.put("select-recovery-point", "recovery_point");
        steps.put("translate-groups", "positions");
        steps.put("restore-jobs", "jobs");
        return steps;
    }

    Timeline {
        seconds = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(seconds));
    }

    /** @param serving when all of the workload worked in the new region */
    static Timeline of(Instant killed, OperationView failover, Instant serving) {
        Map<String, Double> events = new LinkedHashMap<>();
        events.put("killed", 0.0);
        failover.firstDownVoteAt().ifPresent(at -> events.put("first_down_vote", since(killed, at)));
        failover.decidedAt().ifPresent(at -> events.put("decided", since(killed, at)));
        EVENT_OF_STEP.forEach((step, event) ->
                failover.endOf(step).ifPresent(at -> events.put(event, since(killed, at))));
        events.put(SERVING, since(killed, serving));
        return new Timeline(events);
    }

    /** @throws StoryFailedException if it did not happen, as far as the controller says */
    double required(String event) {
        Double at = seconds.get(event);
        if (at == null) {
            throw new StoryFailedException("the operation does not say when: " + event);
        }
        return at;
    }

    static double since(Instant killed, Instant at) {
        return Duration.between(killed, at).toMillis() / 1000.0;
    }
}
