package io.breakwater.local.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SummaryTest {

    private final Summary summary = new Summary("failover");

    @Test
    void isALineForEachCaseAndMetric() {
        for (double value : new double[] {3.0, 1.0, 2.5}) {
            summary.add(new Benchmark.Sample("kill", "rto_s", "s", value));
        }
        summary.add(new Benchmark.Sample("kill", "decide_s", "s", 0.5));

        assertThat(summary.lines())
                .map(Object::toString)
                .containsExactly(
                        "{\"bench\":\"failover\",\"case\":\"kill\",\"metric\":\"rto_s\",\"unit\":\"s\","
                                + "\"median\":2.5,\"min\":1.0,\"max\":3.0,\"runs\":3}",
                        "{\"bench\":\"failover\",\"case\":\"kill\",\"metric\":\"decide_s\",\"unit\":\"s\","
                                + "\"median\":0.5,\"min\":0.5,\"max\":0.5,\"runs\":1}");
    }

    @Test
    void hasPercentilesWhereThereAreManySamples() {
        IntStream.rangeClosed(1, 101).forEach(i -> summary.add(new Benchmark.Sample("poll", "lag_ms", "ms", i)));

        assertThat(summary.lines())
                .singleElement()
                .asString()
                .contains("\"p50\":51.0", "\"p99\":100.0", "\"median\":51.0");
    }
}
