package io.breakwater.controller.signal;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.controller.core.RegionVerdict;
import io.breakwater.controller.core.Verdict;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RegionAssessmentTest {

    private static final SignalHistory NONE = new SignalHistory(Instant.EPOCH, Optional.empty(), 0, 0, 0, 0);
    private static final List<String> CLASSES = List.of("kafka", "object-store", "flink");

    @ParameterizedTest
    @CsvSource({
        "UP,      UP,      UP,      UP",
        "DOWN,    UP,      UP,      UP",
        "UNKNOWN, UP,      UP,      UP",
        "DOWN,    UNKNOWN, UP,      UNKNOWN",
        "UNKNOWN, UNKNOWN, UP,      UNKNOWN",
        "UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN",
        "DOWN,    UNKNOWN, UNKNOWN, UNKNOWN",
        "DOWN,    DOWN,    UP,      DOWN",
        "DOWN,    DOWN,    UNKNOWN, DOWN",
        "DOWN,    DOWN,    DOWN,    DOWN"
    })
    void needsTwoClassesForDownAndExcludesThemForUp(Verdict kafka, Verdict store, Verdict flink, Verdict expected) {
        RegionVerdict verdict = assessment(List.of(kafka, store, flink)).verdict();

        assertThat(verdict.verdict()).isEqualTo(expected);
        assertThat(verdict.countsAsDown()).isEqualTo(expected == Verdict.DOWN);
        assertThat(verdict.downClasses().contains("kafka")).isEqualTo(kafka == Verdict.DOWN);
        assertThat(verdict.upClasses().contains("kafka")).isEqualTo(kafka == Verdict.UP);
    }

    private static RegionAssessment assessment(List<Verdict> verdicts) {
        List<SignalAssessment> signals = new ArrayList<>();
        for (int i = 0; i < verdicts.size(); i++) {
            signals.add(new SignalAssessment(
                    CLASSES.get(i) + "-probe", CLASSES.get(i), true, verdicts.get(i), "CLOSED", "", NONE));
        }
        return new RegionAssessment("east", signals);
    }
}
