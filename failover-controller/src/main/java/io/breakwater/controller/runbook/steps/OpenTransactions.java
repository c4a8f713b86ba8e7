package io.breakwater.controller.runbook.steps;

import io.breakwater.controller.runbook.steps.HangingTransaction.Outcome;
import io.breakwater.platform.PartitionKey;
import io.breakwater.region.KafkaAnswer;
import io.breakwater.region.RegionClients;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
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
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.LeaderNotAvailableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether the last stable offset of partitions is their end. Methods throw KafkaException if the cluster is silent. */
final class OpenTransactions {

    /** The end of a message that names partitions where {@link #end} did not end all. */
    static final String REMEDY = ", and no coordinator of the cluster says how they ended: find them with"
            + " kafka-transactions.sh describe-producers, make sure that none was committed, and end each with"
            + " kafka-transactions.sh abort --topic --partition --start-offset";

    private static final Logger LOG = LoggerFactory.getLogger(OpenTransactions.class);

    private static final Duration AGAIN = Duration.ofMillis(50);

    private static final Duration END_AGAIN = Duration.ofMillis(300);
    private static final Set<TransactionState> COMPLETE =
            EnumSet.of(TransactionState.EMPTY, TransactionState.COMPLETE_COMMIT, TransactionState.COMPLETE_ABORT);

    private final Admin admin;
    private final Map<String, Object> settings;
    /** Producers whose transaction is aborted because we have fenced them. */
    private final Set<Long> fenced = new HashSet<>();

    /** @param region of the clients; they stay the caller's to close */
    OpenTransactions(RegionClients clients, String region) {
        this.admin = clients.admin(region);
        this.settings = clients.kafka(region);
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
     * knows as ongoing is aborted by fencing its producer. One that the coordinator has completed, while a partition
     * still has it open, gets in the partition the end that the coordinator recorded: a commit may have been
     * acknowledged. One whose end nobody knows stays.
     *
     * @return those where one still is at the deadline
     */
    SortedSet<PartitionKey> end(Collection<PartitionKey> partitions, Instant deadline) throws InterruptedException {
        Set<HangingTransaction> hanging = Set.of();
        while (true) {
            SortedSet<PartitionKey> unstable = unstable(partitions);
            if (unstable.isEmpty() || Instant.now().isAfter(deadline)) {
                return unstable;
            }
            hanging = end(unstable, hanging);
            Thread.sleep(END_AGAIN.toMillis());
        }
    }

    /**
     * @param before what hung at the last look: the coordinator had completed it by then, so that it hangs for good
     * @return what hangs now
     */
    private Set<HangingTransaction> end(Collection<PartitionKey> partitions, Set<HangingTransaction> before)
            throws InterruptedException {
        Set<HangingTransaction> open = open(partitions);
        if (open.isEmpty()) {
            return Set.of();
        }
        Set<String> ongoing = new HashSet<>();
        Map<Long, String> complete = new HashMap<>();
        for (TransactionListing listing : KafkaAnswer.await(
                admin.listTransactions(new ListTransactionsOptions().filterProducerIds(producers(open)))
                        .all(),
                "list open transactions")) {
            if (listing.state() == TransactionState.ONGOING) {
                ongoing.add(listing.transactionalId());
                fenced.add(listing.producerId());
            }
            if (COMPLETE.contains(listing.state())) {
                complete.put(listing.producerId(), listing.transactionalId());
            }
        }
        if (!ongoing.isEmpty()) {
            KafkaAnswer.await(admin.fenceProducers(ongoing).all(), "end open transactions");
        }
        // What no coordinator lists may be a commit that was acknowledged: after a restart it is written when the
        // coordinator has loaded its log, and until then the list is empty.
        open.removeIf(transaction -> !complete.containsKey(transaction.producerId()));
        for (HangingTransaction transaction : open) {
            if (before.contains(transaction)) {
                end(transaction, Objects.requireNonNull(complete.get(transaction.producerId())));
            }
        }
        return open;
    }

    private static Set<Long> producers(Set<HangingTransaction> transactions) {
        return transactions.stream().map(HangingTransaction::producerId).collect(Collectors.toSet());
    }

    private void end(HangingTransaction transaction, String transactionalId) throws InterruptedException {
        TransactionDescription recorded = KafkaAnswer.await(
                admin.describeTransactions(List.of(transactionalId)).description(transactionalId),
                "describe transaction " + transactionalId);
        Optional<Outcome> outcome = fenced.contains(transaction.producerId())
                ? Optional.of(Outcome.ABORTED)
                : transaction.outcome(recorded);
        LOG.warn(
                "transactional-id={} recorded={} outcome={} hangs: {}",
                transactionalId,
                recorded,
                outcome,
                transaction);
        if (outcome.equals(Optional.of(Outcome.COMMITTED))) {
            CommitMarker.write(settings, leader(transaction.partition()), transaction, recorded.producerEpoch());
        } else if (outcome.equals(Optional.of(Outcome.ABORTED))) {
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

    private Node leader(TopicPartition partition) throws InterruptedException {
        TopicDescription topic = Objects.requireNonNull(KafkaAnswer.await(
                        admin.describeTopics(List.of(partition.topic())).allTopicNames(), "leader of " + partition)
                .get(partition.topic()));
        Node leader = topic.partitions().get(partition.partition()).leader();
        if (leader == null) {
            throw new LeaderNotAvailableException(partition + " has no leader");
        }
        return leader;
    }

    private Set<HangingTransaction> open(Collection<PartitionKey> partitions) throws InterruptedException {
        Set<HangingTransaction> open = new HashSet<>();
        KafkaAnswer.await(
                        admin.describeProducers(partitions.stream()
                                        .map(key -> new TopicPartition(key.topic(), key.partition()))
                                        .toList())
                                .all(),
                        "describe producers")
                .forEach((partition, state) -> state.activeProducers().stream()
                        .filter(producer ->
                                producer.currentTransactionStartOffset().isPresent())
                        .forEach(producer -> open.add(new HangingTransaction(
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
