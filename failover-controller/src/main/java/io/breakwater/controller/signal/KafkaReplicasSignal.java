package io.breakwater.controller.signal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartitionInfo;

/**
 * Whether every partition of the cluster has a leader and all of its replicas in sync. Asked seldom, because the answer
 * is as long as the cluster has partitions; a cluster that takes too long to list them says nothing by that.
 */
public final class KafkaReplicasSignal implements HealthSignal {

    private static final Duration EVERY = Duration.ofSeconds(10);
    private static final int NAMED = 5;

    private final KafkaProbeAdmin kafka;

    /** @param kafka closed with this signal */
    KafkaReplicasSignal(KafkaProbeAdmin kafka) {
        this.kafka = kafka;
    }

    @Override
    public String id() {
        return "kafka-replicas";
    }

    @Override
    public String signalClass() {
        return KafkaBrokersSignal.CLASS;
    }

    @Override
    public Duration every() {
        return EVERY;
    }

    @Override
    public SignalReading noAnswer(Duration within) {
        return new SignalReading.Unknown("the partitions are not listed within " + within.toMillis() + " ms");
    }

    @Override
    public SignalReading probe() throws InterruptedException {
        SignalReading reading = kafka.reading(this::askAll);
        return reading.equals(KafkaProbeAdmin.SILENT) ? noAnswer(Duration.ofMillis(kafka.limitMillis())) : reading;
    }

    private SignalReading askAll(Admin admin) throws InterruptedException, ExecutionException, TimeoutException {
        Collection<String> topics = kafka.answer(
                admin.listTopics(new ListTopicsOptions().listInternal(true)).names());
        return judge(kafka.answer(admin.describeTopics(topics).allTopicNames()).values());
    }

    /** @return unhealthy with the partitions by name, those without a leader first */
    static SignalReading judge(Collection<TopicDescription> topics) {
        List<String> offline = new ArrayList<>();
        List<String> behind = new ArrayList<>();
        for (TopicDescription topic : topics) {
            for (TopicPartitionInfo partition : topic.partitions()) {
                String name = topic.name() + "-" + partition.partition();
                if (partition.leader() == null || partition.leader().isEmpty()) {
                    offline.add(name);
                } else if (partition.isr().size() < partition.replicas().size()) {
                    behind.add(name);
                }
            }
        }
        if (offline.isEmpty() && behind.isEmpty()) {
            return new SignalReading.Healthy();
        }
        String first = offline.isEmpty() ? "" : offline.size() + " partitions without a leader " + named(offline);
        String second = behind.isEmpty() ? "" : behind.size() + " under-replicated partitions " + named(behind);
        return new SignalReading.Unhealthy(first + (first.isEmpty() || second.isEmpty() ? "" : "; ") + second);
    }

    private static String named(List<String> partitions) {
        List<String> sorted = partitions.stream().sorted().limit(NAMED).toList();
        return "(" + String.join(", ", sorted) + (partitions.size() > NAMED ? ", …" : "") + ")";
    }

    @Override
    public void close() {
        kafka.close();
    }
}
