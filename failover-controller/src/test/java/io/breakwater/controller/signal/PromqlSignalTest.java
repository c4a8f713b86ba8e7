package io.breakwater.controller.signal;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.platform.PromqlQuery;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PromqlSignalTest extends HealthSignalContract {

    private static final String VECTOR = """
            {"status":"success","data":{"resultType":"vector","result":[%s]}}""";

    /** A Prometheus that is gone says nothing of the region. */
    @Override
    Class<? extends SignalReading> whenNothingAnswers() {
        return SignalReading.Unknown.class;
    }

    @Override
    HealthSignal lookingAt(int port, Duration limit) {
        return signal(port, "> 0.05", limit);
    }

    private static HealthSignal signal(int port, String unhealthyIf, Duration limit) {
        URI url = URI.create("http://127.0.0.1:" + port);
        return new PromqlSignal(new PromqlQuery("write-errors", url, "rate(errors[1m])", unhealthyIf), limit);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            0.01      |         | > 0.05 | Healthy
            0.01      | 0.5     | > 0.05 | Unhealthy
            NaN       |         | > 0.05 | Unknown
            0.01      | NaN     | > 0.05 | Unknown
            NaN       | 0.5     | > 0.05 | Unhealthy
            +Inf      |         | > 0.05 | Unhealthy
            0         |         | == 0   | Unhealthy
            2         |         | <= 2   | Unhealthy
            3         |         | <= 2   | Healthy
            1e3       |         | >= 1e3 | Unhealthy
            """)
    void anySampleThatComparesIsUnhealthy(String one, String other, String unhealthyIf, String reading)
            throws Exception {
        String samples = sample(one) + (other == null ? "" : "," + sample(other));
        try (TinyServer server = new TinyServer(200, VECTOR.formatted(samples));
                HealthSignal signal = signal(server.port(), unhealthyIf, PATIENCE)) {
            assertThat(signal.probe().getClass().getSimpleName()).isEqualTo(reading);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            400 | {"status":"error","error":"parse error"}
            503 | {"status":"error"}
            200 | {"status":"success","data":{"resultType":"vector","result":[]}}
            200 | {"status":"success","data":{"resultType":"matrix","result":[[1,2]]}}
            200 | <html>
            """)
    void whatIsNoAnswerToTheQuestionIsUnknown(int status, String body) throws Exception {
        try (TinyServer server = new TinyServer(status, body);
                HealthSignal signal = lookingAt(server.port(), PATIENCE)) {
            assertThat(signal.probe()).isInstanceOf(SignalReading.Unknown.class);
        }
    }

    @Test
    void saysWhatItFoundAndWhatItComparedWith() throws Exception {
        try (TinyServer server = new TinyServer(200, """
                        {"status":"success","data":{"resultType":"scalar","result":[1,"0.07"]}}""");
                HealthSignal signal = lookingAt(server.port(), PATIENCE)) {
            assertThat(signal.probe())
                    .isEqualTo(new SignalReading.Unhealthy("query write-errors gives 0.07, unhealthy if > 0.05"));
        }
    }

    private static String sample(String value) {
        return "{\"metric\":{},\"value\":[1,\"" + value + "\"]}";
    }
}
