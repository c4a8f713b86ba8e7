package io.breakwater.controller.signal;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.platform.Region.KafkaCluster;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartitionInfo;
import org.junit.jupiter.api.Test;

class KafkaReplicasSignalTest extends HealthSignalContract {

    private static final Node ONE = new Node(1, "127.0.0.1", 1);
    private static final Node TWO = new Node(2, "127.0.0.1", 2);

    @Override
    HealthSignal lookingAt(int port, Duration limit) {
        KafkaCluster cluster = new KafkaCluster("127.0.0.1:" + port, Map.of(), Map.of(), "User:mirror");
        return new KafkaReplicasSignal(new KafkaProbeAdmin(cluster, limit));
    }

    /** That nothing answers is said by the signals of class kafka. */
    @Override
    Class<? extends SignalReading> whenNothingAnswers() {
        return SignalReading.Unknown.class;
    }

    @Test
    void namesThePartitionsThatLackALeaderOrReplicas() {
        TopicPartitionInfo whole = new TopicPartitionInfo(0, ONE, List.of(ONE, TWO), List.of(TWO, ONE));
        TopicPartitionInfo behind = new TopicPartitionInfo(1, ONE, List.of(ONE, TWO), List.of(ONE));
        TopicPartitionInfo offline = new TopicPartitionInfo(2, null, List.of(ONE, TWO), List.of());

        assertThat(KafkaReplicasSignal.judge(List.of(topic(List.of(whole))))).isEqualTo(new SignalReading.Healthy());
        assertThat(KafkaReplicasSignal.judge(List.of(topic(List.of(whole, behind, offline)))))
                .isEqualTo(new SignalReading.Unhealthy(
                        "1 partitions without a leader (flights-2); 1 under-replicated partitions (flights-1)"));
    }

    @Test
    void namesSomeOfMany() {
        List<TopicPartitionInfo> behind = IntStream.range(0, 7)
                .mapToObj(p -> new TopicPartitionInfo(p, ONE, List.of(ONE, TWO), List.of(ONE)))
                .toList();

        assertThat(KafkaReplicasSignal.judge(List.of(topic(behind))))
                .isEqualTo(new SignalReading.Unhealthy("7 under-replicated partitions "
                        + "(flights-0, flights-1, flights-2, flights-3, flights-4, …)"));
    }

    private static TopicDescription topic(List<TopicPartitionInfo> partitions) {
        return new TopicDescription("flights", false, partitions);
    }
}
