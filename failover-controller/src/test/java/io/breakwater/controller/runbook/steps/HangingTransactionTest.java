package io.breakwater.controller.runbook.steps;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.controller.runbook.steps.HangingTransaction.Outcome;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class HangingTransactionTest {

    private static final long PRODUCER = 3;
    private static final int EPOCH = 2783;
    private static final HangingTransaction HANGING =
            new HangingTransaction(new TopicPartition("flights.delays", 2), PRODUCER, EPOCH, 50, 29_259);

    private static TransactionDescription recorded(TransactionState state, long producerId, int epoch) {
        return new TransactionDescription(1, state, producerId, epoch, 60_000, OptionalLong.empty(), Set.of());
    }

    @Test
    void anEndWithTheNextEpochIsItsOwn() {
        assertThat(HANGING.outcome(recorded(TransactionState.COMPLETE_COMMIT, PRODUCER, EPOCH + 1)))
                .contains(Outcome.COMMITTED);
        assertThat(HANGING.outcome(recorded(TransactionState.COMPLETE_ABORT, PRODUCER, EPOCH + 1)))
                .contains(Outcome.ABORTED);
    }

    @Test
    void anEndWithTheSameEpochOrAMuchLaterOneMayBeOfAnother() {
        for (TransactionState state : List.of(TransactionState.COMPLETE_COMMIT, TransactionState.COMPLETE_ABORT)) {
            assertThat(HANGING.outcome(recorded(state, PRODUCER, EPOCH))).isEmpty();
            assertThat(HANGING.outcome(recorded(state, PRODUCER, EPOCH + 2))).isEmpty();
            assertThat(HANGING.outcome(recorded(state, PRODUCER + 1, EPOCH + 1)))
                    .isEmpty();
        }
    }

    @Test
    void aProducerThatBeganAnewDoesNotSayHowItsLastTransactionEnded() {
        assertThat(HANGING.outcome(recorded(TransactionState.EMPTY, PRODUCER, EPOCH + 1)))
                .isEmpty();
        assertThat(HANGING.outcome(recorded(TransactionState.PREPARE_COMMIT, PRODUCER, EPOCH + 1)))
                .isEmpty();
    }
}
