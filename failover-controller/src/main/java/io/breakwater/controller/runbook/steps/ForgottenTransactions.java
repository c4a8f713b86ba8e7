package io.breakwater.controller.runbook.steps;

import io.breakwater.controller.runbook.steps.HangingTransaction.Outcome;
import io.breakwater.controller.runbook.steps.TransactionLog.Recorded;
import io.breakwater.platform.PartitionKey;
import io.breakwater.region.KafkaAnswer;
import io.breakwater.region.RegionClients;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.LeaderNotAvailableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Transactions that are open on partitions of a cluster for good, because their coordinator has forgotten the markers.
 * Each gets the end that the coordinator recorded: a commit may have been acknowledged, and on other partitions it may
 * be there. One whose end is recorded nowhere is left alone. Needs DESCRIBE on transactional ids, READ on the topics and
 * on {@code __transaction_state}, and CLUSTER_ACTION. For one thread. Methods throw KafkaException if the cluster is
 * silent.
 */
public final class ForgottenTransactions {

    private static final Logger LOG = LoggerFactory.getLogger(ForgottenTransactions.class);

    /** The coordinator is about to write the markers. */
    private static final Set<TransactionState> ENDING = EnumSet.of(
            TransactionState.PREPARE_COMMIT, TransactionState.PREPARE_ABORT, TransactionState.PREPARE_EPOCH_FENCE);

    private final Admin admin;
    private final Map<String, Object> settings;
    private final TransactionLog log;
    /** What was open at the last look. */
    private Set<HangingTransaction> before = Set.of();
    /** Their end is recorded nowhere. */
    private final Set<HangingTransaction> unknown = new HashSet<>();

    /** One that can be ended. */
    public record Forgotten(String transactionalId, HangingTransaction transaction, Outcome outcome) {}

    /** @param clients stay the caller's to close */
    public ForgottenTransactions(RegionClients clients, String region) {
        this.admin = clients.admin(region);
        this.settings = clients.kafka(region);
        this.log = new TransactionLog(admin, settings);
    }

    /** Those that hung at the last look too. The time between two looks must be longer than a marker takes. */
    public List<Forgotten> find(Collection<PartitionKey> partitions) throws InterruptedException {
        Set<HangingTransaction> open = open(admin, partitions);
        Set<HangingTransaction> again = new HashSet<>(open);
        again.retainAll(before);
        again.removeAll(unknown);
        before = open;
        // What no coordinator lists may be a commit that was acknowledged: after a restart it is listed when the
        // coordinator has loaded its log, and until then the list is empty.
        Map<Long, String> ids = new HashMap<>();
        transactions(admin, again).forEach(listing -> ids.put(listing.producerId(), listing.transactionalId()));
        List<Forgotten> found = new ArrayList<>();
        for (HangingTransaction transaction : again) {
            String id = ids.get(transaction.producerId());
            if (id != null) {
                outcome(id, transaction).ifPresent(outcome -> found.add(new Forgotten(id, transaction, outcome)));
            }
        }
        return found;
    }

    private Optional<Outcome> outcome(String id, HangingTransaction transaction) throws InterruptedException {
        TransactionDescription now = KafkaAnswer.await(
                admin.describeTransactions(List.of(id)).description(id), "describe transaction " + id);
        if (ENDING.contains(now.state()) || isAtWork(now, transaction)) {
            return Optional.empty();
        }
        Optional<Outcome> told =
                transaction.outcome(List.of(new Recorded(now.producerId(), now.producerEpoch(), now.state())));
        Optional<Outcome> outcome = told.isPresent() ? told : transaction.outcome(log.of(id));
        LOG.warn("transactional-id={} now={} outcome={} hangs: {}", id, now, outcome, transaction);
        if (outcome.isEmpty()) {
            unknown.add(transaction);
        }
        return outcome;
    }

    private static boolean isAtWork(TransactionDescription now, HangingTransaction transaction) {
        return now.state() == TransactionState.ONGOING
                && now.producerId() == transaction.producerId()
                && now.producerEpoch() == transaction.producerEpoch();
    }

    /** Writes the marker; if it was written already, nothing changes. */
    public void end(Forgotten forgotten) throws InterruptedException {
        HangingTransaction transaction = forgotten.transaction();
        switch (forgotten.outcome()) {
            case COMMITTED ->
                CommitMarker.write(
                        settings, leader(transaction.partition()), transaction, transaction.producerEpoch() + 1);
            case ABORTED ->
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

    /** What is open on them, whether its coordinator knows it or not. */
    static Set<HangingTransaction> open(Admin admin, Collection<PartitionKey> partitions) throws InterruptedException {
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

    /** What the coordinators say about the producers of these. */
    static Collection<TransactionListing> transactions(Admin admin, Collection<HangingTransaction> open)
            throws InterruptedException {
        Set<Long> producers = open.stream().map(HangingTransaction::producerId).collect(Collectors.toSet());
        return producers.isEmpty()
                ? List.of()
                : KafkaAnswer.await(
                        admin.listTransactions(new ListTransactionsOptions().filterProducerIds(producers))
                                .all(),
                        "list open transactions");
    }
}
