package io.breakwater.controller.signal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.breakwater.controller.core.RegionVerdict;
import io.breakwater.controller.core.Verdict;
import io.breakwater.platform.RegionSignals;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RegionAssessorTest {

    private static final ProbeSettings QUICK = new ProbeSettings(
            Duration.ofMillis(50),
            Duration.ofMillis(200),
            Duration.ofSeconds(1),
            2,
            50,
            Duration.ofMillis(150),
            Duration.ofMillis(300),
            Duration.ofMillis(600),
            2);

    private final SwitchedSignal kafka = new SwitchedSignal("kafka");
    private final SwitchedSignal store = new SwitchedSignal("object-store");
    private final SwitchedSignal flink = new SwitchedSignal("flink");
    private final SwitchedSignal other = new SwitchedSignal("kafka");
    private final SwitchedSignal connect = new SwitchedSignal("connect");
    private final SwitchedSignal replication = new SwitchedSignal("replication");
    private final RegionAssessor assessor = new RegionAssessor(
            Map.of("east", List.of(kafka, store, flink, connect, replication), "west", List.of(other)),
            (region, signalClass) -> RegionSignals.USUAL.counts(signalClass),
            QUICK,
            Clock.systemUTC());

    @AfterEach
    void close() {
        assessor.close();
    }

    @Test
    void knowsNothingBeforeTheFirstProbe() {
        assertThat(verdict("east").verdict()).isEqualTo(Verdict.UNKNOWN);
        assertThat(assessor.assess("east").signals())
                .extracting(SignalAssessment::detail)
                .containsOnly("not probed yet");
    }

    @Test
    void followsARegionDownAndUpAgainAndTellsOfEachChange() {
        AtomicInteger changes = new AtomicInteger();
        assessor.onChange(changes::incrementAndGet);
        assessor.start();
        awaitVerdict("east", Verdict.UP);

        List.of(kafka, store, flink).forEach(s -> s.now = new SignalReading.Unhealthy("gone"));

        awaitVerdict("east", Verdict.DOWN);
        assertThat(assessor.assess("east").signals())
                .extracting(SignalAssessment::detail)
                .contains("gone");
        assertThat(verdict("west").verdict()).isEqualTo(Verdict.UP);
        List.of(kafka, store, flink).forEach(s -> s.now = new SignalReading.Healthy());
        awaitVerdict("east", Verdict.UP);
        // The listener hears of a change with the next tick, so it may come after what this thread sees.
        waiting().until(() -> changes.get() >= 3);
    }

    @Test
    void aHangingProbeIsDownAndDelaysNothing() {
        assessor.start();
        awaitVerdict("east", Verdict.UP);

        kafka.hang(true);

        waiting().until(() -> verdict("east").downClasses().contains("kafka"));
        int probes = store.probes.get();
        waiting().until(() -> store.probes.get() > probes + 5);
        assertThat(verdict("east").verdict()).isEqualTo(Verdict.UP);
        kafka.hang(false);
        waiting().until(() -> verdict("east").downClasses().isEmpty());
    }

    @Test
    void whatRefusesToTellIsUnknownAndNeverDown() {
        assessor.start();
        awaitVerdict("east", Verdict.UP);

        List.of(kafka, store, flink).forEach(s -> s.now = new SignalReading.Unknown("refused"));

        awaitVerdict("east", Verdict.UNKNOWN);
        int probes = kafka.probes.get();
        waiting().until(() -> kafka.probes.get() > probes + 10);
        assertThat(verdict("east").verdict()).isEqualTo(Verdict.UNKNOWN);
        assertThat(assessor.assess("east").signals())
                .extracting(SignalAssessment::breaker)
                .containsOnly("CLOSED");
    }

    @Test
    void aSignalThatMayNotAskLeavesItsClassToTheOthers() {
        assessor.start();
        awaitVerdict("east", Verdict.UP);

        kafka.now = new SignalReading.NotPermitted("grant WRITE");

        waiting().until(() -> assessor.assess("east").signals().get(0).detail().equals("grant WRITE"));
        assertThat(assessor.assess("east").signals().get(0).counts()).isFalse();
        assertThat(verdict("east").verdict()).isEqualTo(Verdict.UP);
    }

    @Test
    void whatDoesNotCountIsShownAndMakesNoVerdict() {
        assessor.start();
        awaitVerdict("east", Verdict.UP);

        List.of(connect, replication).forEach(s -> s.now = new SignalReading.Unhealthy("gone"));

        waiting()
                .until(() -> assessor.assess("east").signals().stream()
                                .filter(signal -> signal.verdict() == Verdict.DOWN && !signal.counts())
                                .count()
                        == 2);
        assertThat(verdict("east").verdict()).isEqualTo(Verdict.UP);
        assertThat(verdict("east").downClasses()).isEmpty();
    }

    @Test
    void remembersWhatWentWrongAndHowOftenTheBreakerChanged() {
        Instant begun = Instant.now();
        assessor.start();
        awaitVerdict("east", Verdict.UP);
        kafka.now = new SignalReading.Unhealthy("gone");
        waiting().until(() -> verdict("east").downClasses().contains("kafka"));
        kafka.now = new SignalReading.Healthy();
        waiting().until(() -> verdict("east").upClasses().contains("kafka"));

        SignalAssessment assessed = assessor.assess("east").signals().get(0);

        assertThat(assessed.history().lastTrouble()).hasValueSatisfying(trouble -> {
            assertThat(trouble.reason()).isEqualTo("gone");
            assertThat(trouble.at()).isAfterOrEqualTo(begun);
        });
        // Open, half-open, closed.
        assertThat(assessed.history().transitions()).isGreaterThanOrEqualTo(3);
        assertThat(assessed.history().failures())
                .isPositive()
                .isLessThan(assessed.history().readings());
        assertThat(assessed.history().verdictSince()).isAfter(begun);
    }

    private void awaitVerdict(String region, Verdict verdict) {
        waiting().until(() -> verdict(region).verdict() == verdict);
    }

    private RegionVerdict verdict(String region) {
        return assessor.assess(region).verdict();
    }

    private static ConditionFactory waiting() {
        return await().atMost(Duration.ofSeconds(15)).pollInterval(Duration.ofMillis(10));
    }

    /** Reads what it was told to read; while it hangs, it does not even notice an interrupt. */
    private static final class SwitchedSignal implements HealthSignal {

        private final String signalClass;
        private final AtomicInteger probes = new AtomicInteger();
        private volatile SignalReading now = new SignalReading.Healthy();
        private volatile CountDownLatch gate = new CountDownLatch(0);

        private SwitchedSignal(String signalClass) {
            this.signalClass = signalClass;
        }

        private void hang(boolean hanging) {
            CountDownLatch before = gate;
            gate = new CountDownLatch(hanging ? 1 : 0);
            before.countDown();
        }

        @Override
        public String id() {
            return signalClass + "-switch";
        }

        @Override
        public String signalClass() {
            return signalClass;
        }

        @Override
        public SignalReading probe() {
            probes.incrementAndGet();
            CountDownLatch waitFor = gate;
            while (waitFor.getCount() > 0) {
                Thread.onSpinWait();
            }
            return now;
        }

        @Override
        public void close() {
            hang(false);
        }
    }
}
