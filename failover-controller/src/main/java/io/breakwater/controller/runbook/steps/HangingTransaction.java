package io.breakwater.controller.runbook.steps;

import java.util.Optional;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.TopicPartition;

/**
 * What a partition has open although its coordinator takes it for complete: the marker that ends it was never written.
 * Kafka 4.3 leaves such ones when a broker is killed between the answer to a commit and its markers: when it starts
 * again, its coordinator may read its log before the partitions have a leader, takes them for deleted, and skips them.
 *
 * @param coordinatorEpoch of the coordinator that wrote the partition's last marker of this producer; 0 if there is none
 * @param from the first offset of the transaction
 */
record HangingTransaction(
        TopicPartition partition, long producerId, int producerEpoch, int coordinatorEpoch, long from) {

    enum Outcome {
        COMMITTED,
        ABORTED
    }

    /**
     * How the coordinator recorded the end of this transaction; empty if what it says may be about another one.
     *
     * <p>Since transactions of version 2 (Kafka 4.0) each end raises the producer's epoch by one, so that an end
     * recorded with the next epoch is this one's. With the same epoch it is no proof: a client of version 1 keeps its
     * epoch, and what was recorded may be the end of an earlier or a later transaction.
     */
    Optional<Outcome> outcome(TransactionDescription recorded) {
        if (recorded.producerId() != producerId || recorded.producerEpoch() != producerEpoch + 1) {
            return Optional.empty();
        }
        if (recorded.state() == TransactionState.COMPLETE_COMMIT) {
            return Optional.of(Outcome.COMMITTED);
        }
        return recorded.state() == TransactionState.COMPLETE_ABORT ? Optional.of(Outcome.ABORTED) : Optional.empty();
    }
}
