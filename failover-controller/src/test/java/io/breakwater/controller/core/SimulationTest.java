package io.breakwater.controller.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Each failure names its seed: {@code new Simulation(seed, 1).run()} is that very run again. */
class SimulationTest {

    private static final int SEEDS = 2000;

    @Test
    void theInvariantsHoldInEveryRun() {
        Map<String, Integer> seen = new TreeMap<>();

        for (long seed = 1; seed <= SEEDS; seed++) {
            new Simulation(seed, 1).run().forEach((what, times) -> seen.merge(what, times, Integer::sum));
        }

        assertThat(seen)
                .as("a simulation in which nothing happens proves nothing")
                .hasEntrySatisfying("promoted", times -> assertThat(times).isGreaterThan(SEEDS / 2))
                .hasEntrySatisfying("failed back", times -> assertThat(times).isGreaterThan(SEEDS / 20))
                .hasEntrySatisfying("flow begun", times -> assertThat(times).isGreaterThan(SEEDS / 5))
                .hasEntrySatisfying("broker killed", times -> assertThat(times).isGreaterThan(SEEDS / 2))
                .hasEntrySatisfying("east open", times -> assertThat(times).isGreaterThan(SEEDS * 10))
                .hasEntrySatisfying("west open", times -> assertThat(times).isGreaterThan(SEEDS * 10));
    }

    /** The check bites: a leader that does not wait for the lease is caught. */
    @Test
    void aLeaderThatDoesNotWaitLongEnoughIsCaught() {
        assertThatThrownBy(() -> {
                    for (long seed = 1; seed <= SEEDS; seed++) {
                        new Simulation(seed, 5).run();
                    }
                })
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("two regions accept writes");
    }
}
