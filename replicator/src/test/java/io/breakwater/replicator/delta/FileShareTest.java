package io.breakwater.replicator.delta;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.region.ObjectUri;
import io.breakwater.replicator.copy.CopyJob;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileShareTest {

    private static final int FILES = 2_000;

    /** Names as Spark gives them. */
    private static List<CopyJob> jobs() {
        Random random = new Random(7);
        return IntStream.range(0, FILES)
                .mapToObj(i -> String.format(
                        Locale.ROOT,
                        "t/day=%d/part-%05d-%s-c000.snappy.parquet",
                        i % 10,
                        i,
                        new UUID(random.nextLong(), random.nextLong())))
                .map(key -> new CopyJob(new ObjectUri("east", key), new ObjectUri("west", key), OptionalLong.empty()))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 7})
    void everyFileIsInOneShareAndTheSharesAreOfOneSize(int of) {
        Set<CopyJob> all = new HashSet<>();
        for (int index = 0; index < of; index++) {
            List<CopyJob> own = new FileShare(index, of).own(jobs());
            assertThat(own.size()).isBetween(FILES / of * 8 / 10, FILES / of * 12 / 10 + 1);
            own.forEach(job -> assertThat(all.add(job)).as("in one share only").isTrue());
        }
        assertThat(all).hasSize(FILES);
    }

    @Test
    void theOwnShareComesFirstAndNothingIsLeftOut() {
        FileShare share = new FileShare(1, 3);

        List<CopyJob> ordered = share.ownFirst(jobs());

        List<CopyJob> own = share.own(jobs());
        assertThat(ordered.subList(0, own.size())).isEqualTo(own);
        assertThat(ordered).containsExactlyInAnyOrderElementsOf(jobs());
    }
}
