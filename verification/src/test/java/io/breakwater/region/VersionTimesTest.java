package io.breakwater.region;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class VersionTimesTest {

    private static final ObjectUri TABLE = ObjectUri.parse("s3://lake/gold/flights");

    private final MemoryObjectStore store = new MemoryObjectStore();
    private final VersionTimes times = new VersionTimes(store, TABLE);

    @Test
    void findsTheNewestVersionOfATime() {
        times.add(new TreeMap<>(Map.of(998L, at(10), 999L, at(20), 1000L, at(30))));
        times.add(new TreeMap<>(Map.of(1001L, at(40))));

        assertThat(times.asOf(at(9))).isEmpty();
        assertThat(times.asOf(at(20))).hasValue(999);
        assertThat(times.asOf(at(39))).hasValue(1000);
        assertThat(times.asOf(at(4000))).hasValue(1001);
        assertThat(times.of(1000)).contains(at(30));
        assertThat(times.of(7)).isEmpty();
    }

    @Test
    void aClockThatWentBackMakesNoVersionOlderThanTheOneBeforeIt() {
        times.add(new TreeMap<>(Map.of(0L, at(50), 1L, at(10), 2L, at(60))));

        assertThat(times.asOf(at(10))).isEmpty();
        assertThat(times.asOf(at(50))).hasValue(0);
        assertThat(times.asOf(at(51))).hasValue(1);
    }

    @Test
    void whatIsKnownStaysAndLiesOutsideOfTheTable() {
        times.add(new TreeMap<>(Map.of(0L, at(50))));
        times.add(new TreeMap<>(Map.of(0L, at(70), 1L, at(80))));

        assertThat(times.all()).containsExactlyEntriesOf(new TreeMap<>(Map.of(0L, at(50), 1L, at(80))));
        assertThat(store.list(TABLE)).isEmpty();
    }

    private static Instant at(long millis) {
        return Instant.ofEpochMilli(millis);
    }
}
