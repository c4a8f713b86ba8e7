package io.breakwater.replicator.kafka.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatObject;

import io.breakwater.platform.PartitionKey;
import io.breakwater.replicator.kafka.topics.SourceOrder.Admission;
import io.breakwater.replicator.kafka.topics.SourceOrder.Position;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;

class SourceOrderTest {

    private static final PartitionKey PARTITION = new PartitionKey("flights.events", 1);
    private static final PartitionKey OTHER = new PartitionKey("flights.events", 2);
    private static final Uuid FIRST = new Uuid(1, 1);
    private static final Uuid SECOND = new Uuid(2, 2);

    @Test
    void growingOffsetsOfOneIncarnationAreAdmittedWhateverTheirGaps() {
        SourceOrder order = at(Optional.of(FIRST), 10);

        assertThatObject(order.of(PARTITION).admit(11, FIRST)).isInstanceOf(Admission.Admitted.class);
        assertThatObject(order.of(PARTITION).admit(500, FIRST)).isInstanceOf(Admission.Admitted.class);
    }

    @Test
    void anotherIncarnationIsRefusedAlthoughItsOffsetsGoOn() {
        SourceOrder order = at(Optional.of(FIRST), 10);

        Admission admission = order.of(PARTITION).admit(11, SECOND);

        assertThatObject(admission)
                .asString()
                .contains("flights.events-1", "re-created on east", "offset 10", FIRST.toString(), SECOND.toString());
        assertThatObject(order.of(PARTITION).admit(12, FIRST)).isInstanceOf(Admission.Refused.class);
        assertThatObject(order.of(OTHER).admit(0, SECOND)).isInstanceOf(Admission.Admitted.class);
    }

    @Test
    void anIncarnationThatChangesWhileTheTaskRunsIsRefused() {
        SourceOrder order = new SourceOrder("east", Map.of());
        order.of(PARTITION).admit(0, FIRST);

        assertThatObject(order.of(PARTITION).admit(1, SECOND)).isInstanceOf(Admission.RefusedNow.class);
    }

    @Test
    void anOffsetThatComesAgainIsRefused() {
        SourceOrder order = at(Optional.of(FIRST), 10);

        assertThatObject(order.of(PARTITION).admit(10, FIRST))
                .isInstanceOf(Admission.RefusedNow.class)
                .asString()
                .contains("offset 10 of east comes again after 10", "unclean leader election");
        assertThatObject(order.of(PARTITION).admit(11, FIRST)).isInstanceOf(Admission.Refused.class);
    }

    @Test
    void aPositionSetFromOutsideHoldsForWhateverIncarnationThereIs() {
        SourceOrder order = at(Optional.empty(), 10);

        assertThatObject(order.of(PARTITION).admit(11, SECOND)).isInstanceOf(Admission.Admitted.class);
        assertThatObject(order.of(PARTITION).admit(12, FIRST)).isInstanceOf(Admission.RefusedNow.class);
    }

    @Test
    void onlyTheFirstRefusalSaysWhy() {
        SourceOrder order = at(Optional.of(FIRST), 10);

        assertThatObject(order.of(PARTITION).refuse("too large")).asString().contains("flights.events-1", "too large");
        assertThatObject(order.of(PARTITION).refuse("too large")).isInstanceOf(Admission.Refused.class);
        assertThat(order.of(PARTITION).isRefused()).isTrue();
    }

    private static SourceOrder at(Optional<Uuid> topicId, long offset) {
        return new SourceOrder("east", Map.of(PARTITION, new Position(topicId, offset)));
    }
}
