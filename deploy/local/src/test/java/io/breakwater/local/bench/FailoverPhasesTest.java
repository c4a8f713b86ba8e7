package io.breakwater.local.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.local.quickstart.Failover;
import org.junit.jupiter.api.Test;

class FailoverPhasesTest {

    @Test
    void tellsEachPhasesShareAndWhatIsToBeSaved() {
        FailoverPhases phases = new FailoverPhases();
        phases.add(new Failover.Times(1, 4, 9, 11, 19, 20));
        phases.add(new Failover.Times(2, 5, 10, 12, 17, 18));
        phases.add(new Failover.Times(1, 4, 9, 11, 15, 16));

        ObjectNode conclusion = phases.conclusion();

        assertThat(conclusion.path("p50").asDouble()).isEqualTo(18);
        assertThat(conclusion.path("max").asDouble()).isEqualTo(20);
        assertThat(conclusion.path("to_save_s").asDouble()).isEqualTo(8);
        assertThat(conclusion.path("phases").fieldNames())
                .toIterable()
                .containsExactly("lease", "restore", "hold", "cut_over", "detect", "serve");
        assertThat(conclusion.path("phases").path("hold").path("share").asDouble())
                .isEqualTo(0.167);
    }

    @Test
    void hasNothingToSaveBelowTheGoal() {
        FailoverPhases phases = new FailoverPhases();
        phases.add(new Failover.Times(1, 2, 3, 4, 5, 6));

        assertThat(phases.conclusion().path("to_save_s").asDouble()).isZero();
    }
}
