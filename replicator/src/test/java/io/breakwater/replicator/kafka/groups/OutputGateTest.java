package io.breakwater.replicator.kafka.groups;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class OutputGateTest {

    private static final String GROUP = "flights-delays-maker";
    private static final PartitionKey INPUT = new PartitionKey("flights.events", 0);
    private static final PartitionKey OUTPUT = new PartitionKey("flights.delays", 0);

    private final OutputGate gate = new OutputGate();

    @Test
    void aPositionPassesWhenItsOutputsAreMirroredPastTheirEnds() {
        assertThat(gate.undecided(at(10))).containsExactly(GROUP);
        gate.await(GROUP, of(10), ends(100));

        gate.mirrored(ends(99));

        assertThat(gate.passed(GROUP)).isEmpty();
        gate.mirrored(ends(100));
        assertThat(gate.passed(GROUP)).contains(of(10));
        assertThat(gate.undecided(at(10))).isEmpty();
        assertThat(gate.awaited()).isEmpty();
    }

    @Test
    void thePreviousPositionStaysMeanwhile() {
        pass(10);
        assertThat(gate.undecided(at(20))).containsExactly(GROUP);
        gate.await(GROUP, of(20), ends(200));

        gate.mirrored(ends(150));

        assertThat(gate.passed(GROUP)).contains(of(10));
        assertThat(gate.awaited()).containsExactly(OUTPUT);
    }

    @Test
    void aGroupThatCommitsAllTheTimeGetsOn() {
        gate.await(GROUP, of(10), ends(100));
        assertThat(gate.undecided(at(11))).isEmpty();
        assertThat(gate.undecided(at(12))).isEmpty();

        gate.mirrored(ends(100));

        assertThat(gate.passed(GROUP)).contains(of(10));
        assertThat(gate.undecided(at(12))).containsExactly(GROUP);
    }

    @Test
    void aResetBackwardsPassesTheSameWay() {
        pass(10);
        assertThat(gate.undecided(at(3))).containsExactly(GROUP);

        gate.await(GROUP, of(3), ends(100));
        gate.mirrored(ends(100));

        assertThat(gate.passed(GROUP)).contains(of(3));
    }

    @Test
    void aGroupThatIsDeletedIsForgotten() {
        pass(10);

        assertThat(gate.undecided(new TreeMap<>())).isEmpty();

        assertThat(gate.passed(GROUP)).isEmpty();
    }

    @Test
    void anOutputThatIsNotMirroredAtAllHoldsThePosition() {
        gate.await(GROUP, of(10), ends(100));

        gate.mirrored(OffsetVector.EMPTY);

        assertThat(gate.passed(GROUP)).isEmpty();
    }

    private void pass(long position) {
        gate.await(GROUP, of(position), ends(100));
        gate.mirrored(ends(100));
    }

    private static OffsetVector ends(long end) {
        return new OffsetVector(Map.of(OUTPUT, end));
    }

    private static SortedMap<String, SortedMap<PartitionKey, Commit>> at(long position) {
        return new TreeMap<>(Map.of(GROUP, of(position)));
    }

    private static SortedMap<PartitionKey, Commit> of(long position) {
        return new TreeMap<>(Map.of(INPUT, new Commit(position, Optional.empty())));
    }
}
