package io.breakwater.controller.runbook.steps;

import io.breakwater.controller.runbook.steps.TransactionLog.Recorded;
import java.util.List;
import java.util.Optional;
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
public record HangingTransaction(
        TopicPartition partition, long producerId, int producerEpoch, int coordinatorEpoch, long from) {

    public enum Outcome {
        COMMITTED,
        ABORTED;

        static Optional<Outcome> of(TransactionState state) {
            return switch (state) {
                case PREPARE_COMMIT, COMPLETE_COMMIT -> Optional.of(COMMITTED);
                case PREPARE_ABORT, COMPLETE_ABORT -> Optional.of(ABORTED);
                default -> Optional.empty();
            };
        }
    }

    /**
     * How the coordinator recorded the end of this transaction; empty if what it recorded may be about another one.
     *
     * <p>Since transactions of version 2 (Kafka 4.0) each end raises the producer's epoch, so that the end recorded next
     * is this one's. With the same epoch it is no proof: a client of version 1 keeps its epoch, which is then that of
     * many transactions.
     *
     * @param recorded of this producer's transactional id, oldest first; what is older may be missing
     */
    Optional<Outcome> outcome(List<Recorded> recorded) {
        boolean begun = false;
        for (Recorded record : recorded) {
            if (record.producerId() == producerId && record.producerEpoch() >= producerEpoch) {
                Optional<Outcome> end = Outcome.of(record.state());
                if (record.producerEpoch() > producerEpoch) {
                    return begun || record.producerEpoch() == producerEpoch + 1 ? end : Optional.empty();
                }
                if (begun && end.isPresent()) {
                    return Optional.empty();
                }
                begun |= record.state() == TransactionState.ONGOING;
            }
        }
        return Optional.empty();
    }
}
