package io.breakwater.controller.runbook.steps;

import io.breakwater.platform.PartitionKey;
import io.breakwater.region.KafkaAnswer;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;

/** Whether the last stable offset of partitions is their end. Methods throw KafkaException if the cluster is silent. */
final class OpenTransactions {

    /** The end of a message that names partitions where {@link #end} did not end all. */
    static final String REMEDY = ", which no coordinator of the cluster knows or ends: find them with"
            + " kafka-transactions.sh describe-producers, make sure that none was committed, and end each with"
            + " kafka-transactions.sh abort --topic --partition --start-offset";

    private static final Duration AGAIN = Duration.ofMillis(50);

    private static final Duration ABORT_AGAIN = Duration.ofMillis(300);
    private static final Set<TransactionState> COMPLETE =
            EnumSet.of(TransactionState.EMPTY, TransactionState.COMPLETE_COMMIT, TransactionState.COMPLETE_ABORT);

    private final Admin admin;

    OpenTransactions(Admin admin) {
        this.admin = admin;
    }

    /** Waits until no transaction is open on any of them. @return those where one still is at the deadline */
    SortedSet<PartitionKey> await(Collection<PartitionKey> partitions, Instant deadline) throws InterruptedException {
        while (true) {
            SortedSet<PartitionKey> unstable = unstable(partitions);
            if (unstable.isEmpty() || Instant.now().isAfter(deadline)) {
                return unstable;
            }
            Thread.sleep(AGAIN.toMillis());
        }
    }

    /**
     * Ends every transaction that is open on one of the partitions, and waits until none is. One that its coordinator
     * knows is aborted by fencing its producer. One that the coordinator takes for complete while a partition still
     * has it open, as a kill may leave it, is aborted in the partition itself, which is what Kafka's own {@code
     * kafka-transactions.sh abort} does.
     *
     * @return those where one still is at the deadline
     */
    SortedSet<PartitionKey> end(Collection<PartitionKey> partitions, Instant deadline) throws InterruptedException {
        Set<Hanging> complete = new HashSet<>();
        while (true) {
            SortedSet<PartitionKey> unstable = unstable(partitions);
            if (unstable.isEmpty() || Instant.now().isAfter(deadline)) {
                return unstable;
            }
            complete = abort(unstable, complete);
            Thread.sleep(ABORT_AGAIN.toMillis());
        }
    }

    /** What a partition has open although its coordinator says that it is complete. */
    private record Hanging(
            TopicPartition partition, long producerId, int producerEpoch, int coordinatorEpoch, long from) {}

    /**
     * @param before what hung at the last look: the coordinator had completed it by then, so that it hangs for good
     * @return what hangs now
     */
    private Set<Hanging> abort(Collection<PartitionKey> partitions, Set<Hanging> before) throws InterruptedException {
        Set<Hanging> open = open(partitions);
        Set<Long> producers = open.stream().map(Hanging::producerId).collect(Collectors.toSet());
        if (producers.isEmpty()) {
            return Set.of();
        }
        Set<String> ongoing = new HashSet<>();
        Set<Long> complete = new HashSet<>();
        for (TransactionListing listing : KafkaAnswer.await(
                admin.listTransactions(new ListTransactionsOptions().filterProducerIds(producers))
                        .all(),
                "list open transactions")) {
            if (listing.state() == TransactionState.ONGOING) {
                ongoing.add(listing.transactionalId());
            }
            if (COMPLETE.contains(listing.state())) {
                complete.add(listing.producerId());
            }
        }
        if (!ongoing.isEmpty()) {
            KafkaAnswer.await(admin.fenceProducers(ongoing).all(), "end open transactions");
        }
        // What no coordinator lists may be a commit that was acknowledged: after a restart it is written when the
        // coordinator has loaded its log, and until then the list is empty.
        open.removeIf(transaction -> !complete.contains(transaction.producerId()));
        for (Hanging transaction : open) {
            if (before.contains(transaction)) {
                KafkaAnswer.await(
                        admin.abortTransaction(new AbortTransactionSpec(
                                        transaction.partition(),
                                        transaction.producerId(),
                                        (short) transaction.producerEpoch(),
                                        transaction.coordinatorEpoch()))
                                .all(),
                        "abort the hanging transaction " + transaction);
            }
        }
        return open;
    }

    private Set<Hanging> open(Collection<PartitionKey> partitions) throws InterruptedException {
        Set<Hanging> open = new HashSet<>();
        KafkaAnswer.await(
                        admin.describeProducers(partitions.stream()
                                        .map(key -> new TopicPartition(key.topic(), key.partition()))
                                        .toList())
                                .all(),
                        "describe producers")
                .forEach((partition, state) -> state.activeProducers().stream()
                        .filter(producer ->
                                producer.currentTransactionStartOffset().isPresent())
                        .forEach(producer -> open.add(new Hanging(
                                partition,
                                producer.producerId(),
                                producer.producerEpoch(),
                                producer.coordinatorEpoch().orElse(0),
                                producer.currentTransactionStartOffset().getAsLong()))));
        return open;
    }

    private SortedSet<PartitionKey> unstable(Collection<PartitionKey> partitions) throws InterruptedException {
        Map<TopicPartition, OffsetSpec> latest = partitions.stream()
                .collect(Collectors.toMap(
                        key -> new TopicPartition(key.topic(), key.partition()), key -> OffsetSpec.latest()));
        Map<TopicPartition, ListOffsetsResultInfo> ends = ends(latest, IsolationLevel.READ_UNCOMMITTED);
        Map<TopicPartition, ListOffsetsResultInfo> stable = ends(latest, IsolationLevel.READ_COMMITTED);
        SortedSet<PartitionKey> unstable = new TreeSet<>();
        ends.forEach((partition, end) -> {
            ListOffsetsResultInfo to = stable.get(partition);
            if (to == null || to.offset() < end.offset()) {
                unstable.add(new PartitionKey(partition.topic(), partition.partition()));
            }
        });
        return unstable;
    }

    private Map<TopicPartition, ListOffsetsResultInfo> ends(
            Map<TopicPartition, OffsetSpec> latest, IsolationLevel isolation) throws InterruptedException {
        return KafkaAnswer.await(
                admin.listOffsets(latest, new ListOffsetsOptions(isolation)).all(), "list ends");
    }
}
