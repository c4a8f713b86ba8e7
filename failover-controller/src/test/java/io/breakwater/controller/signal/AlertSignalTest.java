package io.breakwater.controller.signal;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.platform.AlertSource;
import io.breakwater.platform.AlertSource.AlertedComponent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class AlertSignalTest {

    private static final Instant FIRST = Instant.parse("2026-11-22T03:00:00Z");
    private static final Instant SECOND = FIRST.plusSeconds(60);
    private static final Duration LOST_AFTER = Duration.ofMinutes(5);

    private long nanos;
    private final AlertBoard board = new AlertBoard(() -> nanos);

    @Test
    void aFiringAlertIsUnhealthyUntilItIsResolved() {
        tell(kafkaDown(FIRST, true), watchdog());
        assertThat(reading())
                .isEqualTo(new SignalReading.Unhealthy("alert KafkaDown fires since 2026-11-22T03:00:00Z"));

        tell(kafkaDown(FIRST, false));

        assertThat(reading()).isInstanceOf(SignalReading.Healthy.class);
    }

    @Test
    void theSameFiringAfterItsEndIsAnOldNotification() {
        tell(kafkaDown(FIRST, true), watchdog());
        tell(kafkaDown(FIRST, false));

        tell(kafkaDown(FIRST, true));
        assertThat(reading()).isInstanceOf(SignalReading.Healthy.class);

        tell(kafkaDown(SECOND, true));
        assertThat(reading()).isInstanceOf(SignalReading.Unhealthy.class);

        tell(kafkaDown(FIRST, false));
        assertThat(reading()).isInstanceOf(SignalReading.Unhealthy.class);
        assertThat(board.size()).isEqualTo(2);
    }

    @Test
    void aFiringAlertThatIsNotRepeatedIsLost() {
        tell(kafkaDown(FIRST, true));
        pass(LOST_AFTER);
        assertThat(reading()).isInstanceOf(SignalReading.Unhealthy.class);

        pass(Duration.ofSeconds(1));
        assertThat(reading())
                .isEqualTo(new SignalReading.Unknown("alert KafkaDown was neither resolved nor repeated for 301 s"));

        tell(kafkaDown(FIRST, true));
        assertThat(reading()).isInstanceOf(SignalReading.Unhealthy.class);
    }

    @Test
    void silenceIsHealthOnlyWhileTheWatchdogIsRepeated() {
        assertThat(reading()).isInstanceOf(SignalReading.Unknown.class);

        tell(watchdog());
        assertThat(reading()).isInstanceOf(SignalReading.Healthy.class);

        pass(LOST_AFTER.plusSeconds(1));
        assertThat(reading()).isInstanceOf(SignalReading.Unknown.class);
    }

    @Test
    void anAlertOfAnotherRegionSaysNothing() {
        tell(alert("other", FIRST, true, Map.of("alertname", "KafkaDown", "region", "west", "service", "kafka")));
        tell(watchdog());

        assertThat(reading()).isInstanceOf(SignalReading.Healthy.class);
    }

    @Test
    void resolvedAlertsMakeRoomAndFiringOnesAreNotForgotten() {
        List<AlertBoard.Alert> many = new ArrayList<>();
        for (int i = 0; i < AlertBoard.KEPT; i++) {
            many.add(alert("f" + i, FIRST, i > 0, Map.of("alertname", "A" + i)));
        }
        assertThat(board.take(many)).isTrue();

        assertThat(board.take(List.of(kafkaDown(FIRST, true)))).isTrue();
        assertThat(board.take(List.of(watchdog()))).isFalse();

        assertThat(board.size()).isEqualTo(AlertBoard.KEPT);
        assertThat(reading()).isInstanceOf(SignalReading.Unhealthy.class);
    }

    private void tell(AlertBoard.Alert... alerts) {
        assertThat(board.take(List.of(alerts))).isTrue();
    }

    private void pass(Duration time) {
        nanos += time.toNanos();
    }

    private SignalReading reading() {
        SortedMap<String, String> labels = new TreeMap<>(Map.of("region", "east", "service", "kafka"));
        AlertedComponent kafka = new AlertedComponent("kafka", labels);
        SortedMap<String, String> watchdog = new TreeMap<>(Map.of("alertname", "Watchdog"));
        AlertSource source = new AlertSource(LOST_AFTER, Optional.of(watchdog), List.of(kafka));
        try (HealthSignal signal = new AlertSignal(board, source, kafka)) {
            return signal.probe();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static AlertBoard.Alert kafkaDown(Instant startsAt, boolean firing) {
        return alert(
                "kafka-east", startsAt, firing, Map.of("alertname", "KafkaDown", "region", "east", "service", "kafka"));
    }

    private static AlertBoard.Alert watchdog() {
        return alert("watchdog", FIRST, true, Map.of("alertname", "Watchdog"));
    }

    private static AlertBoard.Alert alert(
            String fingerprint, Instant startsAt, boolean firing, Map<String, String> labels) {
        return new AlertBoard.Alert(fingerprint, firing, startsAt, new TreeMap<>(labels));
    }
}
