package io.breakwater.local.savepoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.local.job.AirportDelays;
import io.breakwater.region.FlinkRest;
import io.breakwater.region.S3ObjectStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The command {@code breakwater savepoint rewrite} and the stamps alone carry a job from one Kafka cluster to another
 * whose offsets are others: however its snapshot was taken, each key's sequence goes on without a duplicate or a gap.
 */
@Tag("full")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SavepointMatrixIT {

    private static final int JOBS_AT_A_TIME = 4;
    private static final int SLOTS = 16;

    private Convoy.Arrived arrived;

    @BeforeAll
    void move(@TempDir Path directory) throws Exception {
        try (TwoClusters clusters = new TwoClusters(directory, SLOTS)) {
            clusters.start();
            FlinkRest flink = new FlinkRest(clusters.flink().url());
            String jar = flink.upload(clusters.jar()).ifOk().orElseThrow();
            try (S3ObjectStore store = S3ObjectStore.connect(clusters.store().site(), Duration.ofSeconds(30));
                    Convoy convoy = new Convoy(clusters, store, flink, jar, JOBS_AT_A_TIME, cases().size() + 1)) {
                arrived = convoy.move(Stream.concat(cases().stream(), Stream.of(MatrixCase.CONTROL))
                        .toList());
            }
        }
    }

    static List<MatrixCase> cases() {
        return MatrixCase.all();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void eachKeysSequenceGoesOn(MatrixCase move) throws Exception {
        assertThat(arrived.outcome(move)).isEqualTo(arrived.expected());
    }

    @Test
    void aCopyThatIsNotRewrittenAppliesEventsTwice() throws Exception {
        assertThat(arrived.outcome(MatrixCase.CONTROL).values().stream()
                        .mapToLong(AirportDelays::duplicates)
                        .sum())
                .isPositive();
    }
}
