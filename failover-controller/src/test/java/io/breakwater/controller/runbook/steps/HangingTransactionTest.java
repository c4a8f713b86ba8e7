package io.breakwater.controller.runbook.steps;

import static org.apache.kafka.clients.admin.TransactionState.COMPLETE_ABORT;
import static org.apache.kafka.clients.admin.TransactionState.COMPLETE_COMMIT;
import static org.apache.kafka.clients.admin.TransactionState.EMPTY;
import static org.apache.kafka.clients.admin.TransactionState.ONGOING;
import static org.apache.kafka.clients.admin.TransactionState.PREPARE_ABORT;
import static org.apache.kafka.clients.admin.TransactionState.PREPARE_COMMIT;
import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.controller.runbook.steps.HangingTransaction.Outcome;
import io.breakwater.controller.runbook.steps.TransactionLog.Recorded;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class HangingTransactionTest {

    private static final long PRODUCER = 3;
    private static final int EPOCH = 2783;
    private static final HangingTransaction HANGING =
            new HangingTransaction(new TopicPartition("flights.delays", 2), PRODUCER, EPOCH, 50, 29_259);

    private static Recorded recorded(TransactionState state, int epoch) {
        return new Recorded(PRODUCER, epoch, state);
    }

    private static Optional<Outcome> outcome(Recorded... records) {
        return HANGING.outcome(List.of(records));
    }

    @Test
    void anEndWithTheNextEpochIsItsOwn() {
        assertThat(outcome(recorded(COMPLETE_COMMIT, EPOCH + 1))).contains(Outcome.COMMITTED);
        assertThat(outcome(recorded(COMPLETE_ABORT, EPOCH + 1))).contains(Outcome.ABORTED);
    }

    @Test
    void anEndWithTheSameEpochOrAMuchLaterOneMayBeOfAnother() {
        for (TransactionState state : List.of(COMPLETE_COMMIT, COMPLETE_ABORT)) {
            assertThat(outcome(recorded(state, EPOCH))).isEmpty();
            assertThat(outcome(recorded(state, EPOCH + 2))).isEmpty();
            assertThat(outcome(new Recorded(PRODUCER + 1, EPOCH + 1, state))).isEmpty();
        }
    }

    @Test
    void aProducerThatBeganAnewDoesNotSayHowItsLastTransactionEnded() {
        assertThat(outcome(recorded(EMPTY, EPOCH + 1))).isEmpty();
        assertThat(outcome(recorded(EMPTY, EPOCH + 1), recorded(COMPLETE_COMMIT, EPOCH + 2)))
                .isEmpty();
    }

    @Test
    void theLogSaysItThoughTheProducerBeganAnew() {
        assertThat(outcome(
                        recorded(COMPLETE_ABORT, EPOCH),
                        recorded(ONGOING, EPOCH),
                        recorded(PREPARE_COMMIT, EPOCH + 1),
                        recorded(COMPLETE_COMMIT, EPOCH + 1),
                        recorded(EMPTY, EPOCH + 2),
                        recorded(ONGOING, EPOCH + 2),
                        recorded(PREPARE_ABORT, EPOCH + 3)))
                .contains(Outcome.COMMITTED);
    }

    @Test
    void oneThatWasAbortedByFencingItsProducerMaySkipAnEpoch() {
        assertThat(outcome(recorded(ONGOING, EPOCH), recorded(PREPARE_ABORT, EPOCH + 2)))
                .contains(Outcome.ABORTED);
    }

    @Test
    void ofAClientThatKeepsItsEpochNothingIsKnown() {
        assertThat(outcome(
                        recorded(ONGOING, EPOCH),
                        recorded(PREPARE_COMMIT, EPOCH),
                        recorded(ONGOING, EPOCH),
                        recorded(PREPARE_ABORT, EPOCH + 1)))
                .isEmpty();
    }

    @Test
    void whatTheLogNoLongerHasIsNotKnown() {
        assertThat(outcome()).isEmpty();
        assertThat(outcome(recorded(ONGOING, EPOCH))).isEmpty();
        assertThat(outcome(recorded(EMPTY, EPOCH + 4), recorded(PREPARE_COMMIT, EPOCH + 5)))
                .isEmpty();
    }
}
