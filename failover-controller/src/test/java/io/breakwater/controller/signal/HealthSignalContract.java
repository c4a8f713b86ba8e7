package io.breakwater.controller.signal;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.controller.FreePort;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every {@link HealthSignal} must do, whatever it looks at. */
abstract class HealthSignalContract {

    /** Of a probe that nothing answers: short, because the test waits for its end. */
    static final Duration LIMIT = Duration.ofMillis(500);

    /** Of a probe that is answered: long, so that a slow machine is not read as a dead component. */
    static final Duration PATIENCE = Duration.ofSeconds(20);

    /** The signal, looking at a component on this port of 127.0.0.1, with calls that take no longer than this. */
    abstract HealthSignal lookingAt(int port, Duration limit);

    /** What it means that nothing answers. */
    Class<? extends SignalReading> whenNothingAnswers() {
        return SignalReading.Unhealthy.class;
    }

    @Test
    void hasAnIdAndAClass() {
        try (HealthSignal signal = lookingAt(1, LIMIT)) {
            assertThat(signal.id()).matches("[a-z]+(-[a-z]+)*");
            assertThat(signal.signalClass()).matches("[a-z]+(-[a-z]+)*");
        }
    }

    @Test
    @Timeout(20)
    void readsSilenceWhereNobodyListensAndAsOftenAsItIsAsked() throws Exception {
        try (HealthSignal signal = lookingAt(FreePort.next(), LIMIT)) {
            for (int i = 0; i < 3; i++) {
                assertThat(signal.probe()).isInstanceOf(whenNothingAnswers());
            }
        }
    }

    @Test
    @Timeout(20)
    void readsSilenceWhereConnectionsAreTakenAndNothingIsAnswered() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                HealthSignal signal = lookingAt(silent.getLocalPort(), LIMIT)) {
            assertThat(signal.probe()).isInstanceOf(whenNothingAnswers());
        }
    }
}
