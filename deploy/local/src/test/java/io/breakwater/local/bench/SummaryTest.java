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

    @Test
    void comparesRoundByRound() {
        for (double[] round : new double[][] {{40, 10}, {30, 15}, {90, 30}}) {
            summary.add(new Benchmark.Sample("1KB/ours", "mb_per_s", "MB/s", round[0]));
            summary.add(new Benchmark.Sample("1KB/copy", "mb_per_s", "MB/s", round[1]));
        }

        assertThat(summary.line(new Benchmark.Comparison("1KB", "mb_per_s", "ours", "copy")))
                .hasToString("{\"bench\":\"failover\",\"case\":\"1KB\",\"metric\":\"mb_per_s\","
                        + "\"ratio\":\"ours/copy\",\"median\":3.0,\"min\":2.0,\"max\":4.0}");
    }
}
