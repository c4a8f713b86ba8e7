package io.breakwater.replicator.kafka.topics;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.platform.PartitionKey;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;

/** Time is in nanoseconds; the hold is a second, and a record has ten bytes. */
class HeldOutputTest {

    private static final PartitionKey DERIVED = new PartitionKey("derived", 0);
    private static final PartitionKey OTHER = new PartitionKey("other", 0);
    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final int SIZE = 10;

    private final Map<PartitionKey, Long> gates = new HashMap<>();
    private final HeldOutput held = held(1 << 20);

    private HeldOutput held(long most) {
        return new HeldOutput(
                new TreeMap<>(Map.of(DERIVED.topic(), Duration.ofSeconds(1))),
                partition -> gates.containsKey(partition)
                        ? OptionalLong.of(gates.getOrDefault(partition, 0L))
                        : OptionalLong.empty(),
                most);
    }

    @Test
    void whatIsBeyondTheGateWaitsUntilItMovesAndOthersPass() {
        gates.put(DERIVED, 12L);

        assertThat(offsets(held.pass(records(DERIVED, 10, 15), 0))).containsExactly(10L, 11L);
        assertThat(offsets(held.pass(records(OTHER, 10, 12), 1))).containsExactly(10L, 11L);
        gates.put(DERIVED, 14L);
        assertThat(offsets(held.pass(records(DERIVED, 15, 16), 2))).containsExactly(12L, 13L);
        gates.put(DERIVED, 100L);
        assertThat(offsets(held.pass(records(DERIVED, 16, 17), 3))).containsExactly(14L, 15L, 16L);
    }

    @Test
    void beforeTheFirstSnapshotNothingPasses() {
        assertThat(held.pass(records(DERIVED, 0, 3), 0)).isEmpty();
        gates.put(DERIVED, 3L);
        assertThat(offsets(held.pass(List.of(), 1))).containsExactly(0L, 1L, 2L);
    }

    @Test
    void aGateThatStandsStillGivesWayUntilItMovesAgain() {
        gates.put(DERIVED, 1L);
        assertThat(offsets(held.pass(records(DERIVED, 0, 3), 0))).containsExactly(0L);
        assertThat(held.pass(List.of(), SECOND)).isEmpty();

        assertThat(offsets(held.pass(records(DERIVED, 3, 4), SECOND + 1))).containsExactly(1L, 2L, 3L);
        assertThat(offsets(held.pass(records(DERIVED, 4, 5), SECOND + 2))).containsExactly(4L);
        gates.put(DERIVED, 3L);
        assertThat(held.pass(records(DERIVED, 5, 6), SECOND + 3)).isEmpty();
        gates.put(DERIVED, 6L);
        assertThat(offsets(held.pass(List.of(), SECOND + 4))).containsExactly(5L);
    }

    /** The time counts from when a record waits at this gate, not from the gate's last move. */
    @Test
    void anIdleTopicsGateDoesNotGiveWay() {
        gates.put(DERIVED, 1L);
        held.pass(records(DERIVED, 0, 1), 0);

        assertThat(held.pass(records(DERIVED, 1, 2), 5 * SECOND)).isEmpty();
        assertThat(held.pass(List.of(), 6 * SECOND)).isEmpty();
        assertThat(offsets(held.pass(List.of(), 6 * SECOND + 1))).containsExactly(1L);
    }

    @Test
    void whatDoesNotFitIntoMemoryIsReadAgainOnceItMayPass() {
        HeldOutput small = held(3L * SIZE);
        gates.put(DERIVED, 0L);
        assertThat(small.pass(records(DERIVED, 0, 5), 0)).isEmpty();
        assertThat(small.isToBeReadAgain()).isFalse();
        gates.put(DERIVED, 5L);

        assertThat(offsets(small.pass(List.of(), 1))).containsExactly(0L, 1L, 2L);
        assertThat(small.isToBeReadAgain()).isTrue();
        small.readAgain();
        assertThat(small.isToBeReadAgain()).isFalse();
        assertThat(offsets(small.pass(records(DERIVED, 3, 7), 2))).containsExactly(3L, 4L);
    }

    @Test
    void readingAgainDoesNotMakeAGateGiveWayLater() {
        PartitionKey stuck = new PartitionKey(DERIVED.topic(), 1);
        HeldOutput small = held(3L * SIZE);
        gates.put(DERIVED, 0L);
        gates.put(stuck, 0L);
        small.pass(records(stuck, 0, 1), 0);
        small.pass(records(DERIVED, 0, 4), 0);
        gates.put(DERIVED, 4L);
        small.pass(List.of(), SECOND / 2);
        small.readAgain();

        small.pass(records(stuck, 0, 1), SECOND / 2 + 1);

        assertThat(offsets(small.pass(List.of(), SECOND + 1))).containsExactly(0L);
    }

    private static List<Long> offsets(List<SourceRecord> records) {
        return records.stream().map(MirrorGuard::offset).toList();
    }

    private static List<SourceRecord> records(PartitionKey partition, long from, long to) {
        return LongStream.range(from, to)
                .mapToObj(offset -> new SourceRecord(
                        Map.of("cluster", "east", "topic", partition.topic(), "partition", partition.partition()),
                        Map.of("offset", offset),
                        partition.topic(),
                        partition.partition(),
                        Schema.OPTIONAL_BYTES_SCHEMA,
                        null,
                        Schema.BYTES_SCHEMA,
                        new byte[SIZE]))
                .toList();
    }
}
