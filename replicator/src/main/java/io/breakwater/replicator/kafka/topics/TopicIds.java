package io.breakwater.replicator.kafka.topics;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.connect.errors.ConnectException;

/**
 * The ids of a cluster and of its topics. Those of the topics are asked again each second without anybody
 * waiting for the answer; one that is known stays until another one is given: a topic that is gone keeps its last. For
 * one thread.
 */
final class TopicIds implements MirrorGuard.Ids, AutoCloseable {

    private static final Duration REFRESH = Duration.ofSeconds(1);

    private final Admin cluster;
    private final Set<String> topics;
    private final Map<String, Uuid> ids = new HashMap<>();
    private final Set<String> gone = new HashSet<>();
    private final Set<String> madeAnew = new HashSet<>();
    private Map<String, KafkaFuture<TopicDescription>> asked = Map.of();
    private Optional<KafkaFuture<String>> askedCluster = Optional.empty();
    private Optional<Uuid> clusterId = Optional.empty();
    private long askedAt;

    /** @param cluster is closed with this */
    TopicIds(Admin cluster, Collection<String> topics) {
        this.cluster = cluster;
        this.topics = Set.copyOf(topics);
    }

    @Override
    public Optional<Uuid> clusterId() {
        return clusterId;
    }

    @Override
    public Optional<Uuid> id(String topic) {
        return Optional.ofNullable(ids.get(topic));
    }

    /** The topics that got another id since this was called last. */
    Set<String> madeAnew() {
        Set<String> all = Set.copyOf(madeAnew);
        madeAnew.clear();
        return all;
    }

    /** Whether the cluster does not have the topic, by its last answer about it. */
    boolean isGone(String topic) {
        return gone.contains(topic);
    }

    /**
     * Takes what was answered, and asks again if it is time. Never waits.
     *
     * @throws ConnectException if the cluster's id is none that a stamp can carry
     */
    void refresh() {
        boolean answered = due().allMatch(KafkaFuture::isDone);
        if (answered) {
            asked.forEach(this::take);
            askedCluster.ifPresent(this::take);
            asked = Map.of();
            askedCluster = Optional.empty();
            if (askedAt == 0 || System.nanoTime() - askedAt > REFRESH.toNanos()) {
                askedAt = System.nanoTime();
                asked = new HashMap<>(cluster.describeTopics(topics).topicNameValues());
                askedCluster = clusterId.isEmpty()
                        ? Optional.of(cluster.describeCluster().clusterId())
                        : Optional.empty();
            }
        }
    }

    private Stream<KafkaFuture<?>> due() {
        return Stream.concat(asked.values().stream(), askedCluster.stream());
    }

    /** Waits for the answers that are due. */
    void await(Duration limit) throws InterruptedException {
        refresh();
        try {
            KafkaFuture.allOf(due().toArray(KafkaFuture<?>[]::new)).get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException | TimeoutException e) {
            // Those that were answered count; the others are asked again.
            asked.values().removeIf(future -> !future.isDone());
            askedCluster = askedCluster.filter(KafkaFuture::isDone);
        }
        refresh();
    }

    /** Of an answer that is there: it is taken at once, by this thread. */
    private void take(String topic, KafkaFuture<TopicDescription> answer) {
        KafkaFuture<TopicDescription> unused = answer.whenComplete((description, failure) -> {
            if (description != null) {
                Uuid before = ids.put(topic, description.topicId());
                if (before != null && !before.equals(description.topicId())) {
                    madeAnew.add(topic);
                }
                gone.remove(topic);
            } else if (failure instanceof UnknownTopicOrPartitionException) {
                gone.add(topic);
            }
        });
    }

    private void take(KafkaFuture<String> answer) {
        AtomicReference<String> text = new AtomicReference<>();
        KafkaFuture<String> unused = answer.whenComplete((id, failure) -> text.set(id));
        clusterId = Optional.ofNullable(text.get()).map(TopicIds::clusterId);
    }

    private static Uuid clusterId(String text) {
        try {
            return Uuid.fromString(text);
        } catch (IllegalArgumentException e) {
            throw new ConnectException(
                    "the id of the source cluster, '" + text + "', is no UUID: a stamp cannot carry it; a cluster that"
                            + " was formatted with an id of kafka-storage random-uuid can be mirrored",
                    e);
        }
    }

    @Override
    public void close() {
        cluster.close(Duration.ofSeconds(1));
    }
}
