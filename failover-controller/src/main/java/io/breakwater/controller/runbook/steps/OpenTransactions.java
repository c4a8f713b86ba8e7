package io.breakwater.controller.runbook.steps;

import io.breakwater.platform.PartitionKey;
import io.breakwater.region.KafkaAnswer;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
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

    private static final Duration AGAIN = Duration.ofMillis(50);

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

    /** Ends every transaction that is open on the cluster, by fencing its producer. */
    void abortAll() throws InterruptedException {
        List<String> open = KafkaAnswer.await(
                        admin.listTransactions(new ListTransactionsOptions()
                                        .filterStates(EnumSet.of(TransactionState.ONGOING)))
                                .all(),
                        "list open transactions")
                .stream()
                .map(TransactionListing::transactionalId)
                .toList();
        if (!open.isEmpty()) {
            KafkaAnswer.await(admin.fenceProducers(open).all(), "end open transactions");
        }
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
