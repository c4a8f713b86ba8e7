package io.breakwater.controller.runbook.steps;

import io.breakwater.region.KafkaAnswer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;

/**
 * What a drill of one job found.
 *
 * @param drill the word that was in all its names
 * @param snapshotAge how old the snapshot was when the drill began: what a failover then would have had to read again
 * @param restored empty if the job was not restored
 * @param written by topic, the sum of the offsets up to which the drilled job had committed when it was ended
 * @param failure why it was not restored
 * @param removed what was taken away
 * @param left what could not be taken away, with reasons; a trace of the drill
 * @param forgottenLater transactional ids that Kafka forgets by itself
 */
public record DrillReport(
        String drill,
        String group,
        String job,
        String region,
        String snapshot,
        String location,
        Duration snapshotAge,
        Optional<Running> restored,
        Map<String, Long> written,
        Optional<String> failure,
        List<String> removed,
        List<String> left,
        List<String> forgottenLater) {

    public DrillReport {
        written = Map.copyOf(written);
        removed = List.copyOf(removed);
        left = List.copyOf(left);
        forgottenLater = List.copyOf(forgottenLater);
    }

    /**
     * The restored job.
     *
     * @param topics to which it writes
     * @param toRestore from the submission until its state was restored
     * @param toCheckpoint from the submission until a completed checkpoint was seen
     */
    public record Running(
            String jobId, List<String> topics, Instant submittedAt, Duration toRestore, Duration toCheckpoint) {
        public Running {
            topics = List.copyOf(topics);
        }
    }

    /** Whether the job was restored and nothing of the drill is left. */
    public boolean passed() {
        return restored.isPresent() && failure.isEmpty() && left.isEmpty();
    }

    /** Fails with KafkaException. */
    static Map<String, Long> ends(Admin admin, List<String> topics) throws InterruptedException {
        Map<TopicPartition, OffsetSpec> latest =
                KafkaAnswer.await(admin.describeTopics(topics).allTopicNames(), "describe topics of the drill")
                        .values()
                        .stream()
                        .flatMap(DrillReport::partitions)
                        .collect(Collectors.toMap(Function.identity(), partition -> OffsetSpec.latest()));
        Map<String, Long> ends = new TreeMap<>();
        KafkaAnswer.await(
                        admin.listOffsets(latest, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
                                .all(),
                        "ends of the drill's topics")
                .forEach((partition, end) -> ends.merge(partition.topic(), end.offset(), Long::sum));
        return ends;
    }

    private static Stream<TopicPartition> partitions(TopicDescription topic) {
        return topic.partitions().stream().map(partition -> new TopicPartition(topic.name(), partition.partition()));
    }
}
