package io.breakwater.replicator.kafka.topics;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Uuid;

/**
 * The ids of the source's topics, asked again each second without anybody waiting for the answer. An id that is known
 * stays until another one is given: a topic that is gone keeps its last. For one thread.
 */
final class SourceTopics implements AutoCloseable {

    private static final Duration REFRESH = Duration.ofSeconds(1);

    private final Admin source;
    private final Set<String> topics;
    private final Map<String, Uuid> ids = new HashMap<>();
    private Map<String, KafkaFuture<TopicDescription>> asked = Map.of();
    private long askedAt;

    SourceTopics(Admin source, Collection<String> topics) {
        this.source = source;
        this.topics = Set.copyOf(topics);
    }

    /** The newest id that is known. */
    Optional<Uuid> id(String topic) {
        return Optional.ofNullable(ids.get(topic));
    }

    /** Takes what was answered, and asks again if it is time. Never waits. */
    void refresh() {
        boolean answered = asked.values().stream().allMatch(KafkaFuture::isDone);
        if (answered) {
            asked.forEach(this::take);
            asked = Map.of();
            if (askedAt == 0 || System.nanoTime() - askedAt > REFRESH.toNanos()) {
                askedAt = System.nanoTime();
                asked = new HashMap<>(source.describeTopics(topics).topicNameValues());
            }
        }
    }

    /** Waits for the answers that are due. */
    void await(Duration limit) throws InterruptedException {
        refresh();
        long until = System.nanoTime() + limit.toNanos();
        try {
            KafkaFuture.allOf(asked.values().toArray(KafkaFuture<?>[]::new))
                    .get(Math.max(1, until - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (ExecutionException | TimeoutException e) {
            // Those that were answered count; the others are asked again.
            asked.values().removeIf(future -> !future.isDone());
        }
        refresh();
    }

    /** Of an answer that is there: it is taken at once, by this thread. */
    private void take(String topic, KafkaFuture<TopicDescription> answer) {
        KafkaFuture<TopicDescription> unused = answer.whenComplete((description, failure) -> {
            if (description != null) {
                ids.put(topic, description.topicId());
            }
        });
    }

    @Override
    public void close() {
        source.close(Duration.ofSeconds(1));
    }
}
