package io.breakwater.controller.runbook.steps;

import io.breakwater.platform.PartitionKey;
import io.breakwater.region.KafkaAnswer;
import io.breakwater.region.RegionClients;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;

/** Whether the last stable offset of partitions is their end. Methods throw KafkaException if the cluster is silent. */
final class OpenTransactions {

    /** The end of a message that names partitions where {@link #end} did not end all. */
    static final String REMEDY = ", and no coordinator of the cluster says how they ended: find them with"
            + " kafka-transactions.sh describe-producers, make sure that none was committed, and end each with"
            + " kafka-transactions.sh abort --topic --partition --start-offset";

    private static final Duration AGAIN = Duration.ofMillis(50);
    private static final Duration END_AGAIN = Duration.ofMillis(300);

    private final Admin admin;
    private final ForgottenTransactions forgotten;

    /** @param region of the clients; they stay the caller's to close */
    OpenTransactions(RegionClients clients, String region) {
        this.admin = clients.admin(region);
        this.forgotten = new ForgottenTransactions(clients, region);
    }

    /**
     * Waits until no transaction is open on any of them. One that its coordinator knows ends by itself; those that it has
     * forgotten are ended as it recorded.
     *
     * @return those where one still is at the deadline
     */
    SortedSet<PartitionKey> await(Collection<PartitionKey> partitions, Instant deadline) throws InterruptedException {
        Instant look = Instant.now().plus(END_AGAIN);
        while (true) {
            SortedSet<PartitionKey> open = on(partitions);
            if (open.isEmpty() || Instant.now().isAfter(deadline)) {
                return open;
            }
            if (Instant.now().isAfter(look)) {
                endForgotten(open);
                look = Instant.now().plus(END_AGAIN);
            }
            Thread.sleep(AGAIN.toMillis());
        }
    }

    /**
     * Ends every transaction that is open on one of the partitions, and waits until none is. One that its coordinator
     * knows as ongoing is aborted by fencing its producer; those that it has forgotten are ended as it recorded. One
     * whose end nobody knows stays.
     *
     * @return those where one still is at the deadline
     */
    SortedSet<PartitionKey> end(Collection<PartitionKey> partitions, Instant deadline) throws InterruptedException {
        while (true) {
            SortedSet<PartitionKey> open = on(partitions);
            if (open.isEmpty() || Instant.now().isAfter(deadline)) {
                return open;
            }
            endForgotten(open);
            abortOngoing(open);
            Thread.sleep(END_AGAIN.toMillis());
        }
    }

    private void endForgotten(Collection<PartitionKey> partitions) throws InterruptedException {
        for (ForgottenTransactions.Forgotten found : forgotten.find(partitions)) {
            forgotten.end(found);
        }
    }

    private void abortOngoing(Collection<PartitionKey> partitions) throws InterruptedException {
        Set<String> ongoing =
                ForgottenTransactions.transactions(admin, ForgottenTransactions.open(admin, partitions)).stream()
                        .filter(listing -> listing.state() == TransactionState.ONGOING)
                        .map(TransactionListing::transactionalId)
                        .collect(Collectors.toSet());
        if (!ongoing.isEmpty()) {
            KafkaAnswer.await(admin.fenceProducers(ongoing).all(), "end open transactions");
        }
    }

    /** Those of them on which one is open now. */
    SortedSet<PartitionKey> on(Collection<PartitionKey> partitions) throws InterruptedException {
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
