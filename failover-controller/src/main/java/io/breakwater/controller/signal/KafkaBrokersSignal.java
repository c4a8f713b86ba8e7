package io.breakwater.controller.signal;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;

/**
 * Whether every broker of the cluster answers. A broker that stopped is still registered, and fenced (KIP-631): it is
 * missing until it comes back or somebody unregisters it. Those that are in the cluster are each asked for the
 * transactions of a producer that does not exist: the smallest question that Kafka sends to every broker, and needs no
 * permission.
 *
 * <p>Of a class of its own: one lost broker of several is no lost region.
 */
public final class KafkaBrokersSignal implements HealthSignal {

    /** Of what is wrong inside a cluster that answers. */
    static final String CLASS = "kafka-replicas";

    private static final Duration EVERY = Duration.ofSeconds(2);
    private static final List<Long> NO_PRODUCER = List.of(Long.MAX_VALUE);

    private final KafkaProbeAdmin kafka;

    /** @param kafka closed with this signal */
    KafkaBrokersSignal(KafkaProbeAdmin kafka) {
        this.kafka = kafka;
    }

    @Override
    public String id() {
        return "kafka-brokers";
    }

    @Override
    public String signalClass() {
        return CLASS;
    }

    @Override
    public Duration every() {
        return EVERY;
    }

    @Override
    public SignalReading probe() throws InterruptedException {
        return kafka.reading(this::askAll);
    }

    private SignalReading askAll(Admin admin) throws InterruptedException, ExecutionException, TimeoutException {
        DescribeClusterOptions options =
                new DescribeClusterOptions().includeFencedBrokers(true).timeoutMs(kafka.limitMillis() / 2);
        Collection<Node> registered =
                kafka.answer(admin.describeCluster(options).nodes());
        SortedSet<Integer> missing =
                registered.stream().filter(Node::isFenced).map(Node::id).collect(Collectors.toCollection(TreeSet::new));
        SortedSet<Integer> silent = silent(admin);
        silent.removeAll(missing);
        if (missing.isEmpty() && silent.isEmpty()) {
            return new SignalReading.Healthy();
        }
        String gone = missing.isEmpty() ? "" : "registered, but not in the cluster: brokers " + missing;
        String mute = silent.isEmpty() ? "" : "brokers " + silent + " do not answer";
        return new SignalReading.Unhealthy(
                "of " + registered.size() + " brokers " + gone + (gone.isEmpty() || mute.isEmpty() ? "" : "; ") + mute);
    }

    private SortedSet<Integer> silent(Admin admin) throws InterruptedException, ExecutionException, TimeoutException {
        ListTransactionsOptions options = new ListTransactionsOptions().filterProducerIds(NO_PRODUCER);
        options.timeoutMs(kafka.limitMillis() / 2);
        Map<Integer, KafkaFuture<Collection<TransactionListing>>> answers =
                kafka.answer(admin.listTransactions(options).byBrokerId());
        SortedSet<Integer> silent = new TreeSet<>();
        for (Map.Entry<Integer, KafkaFuture<Collection<TransactionListing>>> answer : answers.entrySet()) {
            try {
                answer.getValue().get(kafka.limitMillis() / 2L, TimeUnit.MILLISECONDS);
            } catch (ExecutionException | TimeoutException e) {
                silent.add(answer.getKey());
            }
        }
        return silent;
    }

    @Override
    public void close() {
        kafka.close();
    }
}
