package io.breakwater.replicator.flink;

import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.DerivedTopics;
import io.breakwater.platform.JobOutputs;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.Segment;
import io.breakwater.platform.SegmentHistory;
import io.breakwater.region.KafkaAnswer;
import io.breakwater.region.KafkaSettings;
import io.breakwater.region.MirroredThrough;
import io.breakwater.region.PositionTranslator;
import io.breakwater.region.SegmentTranslator;
import io.breakwater.replicator.FlowConfig;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

/** Coverage as the mirror's own records and stamps show it, within what the running flow carries. For one thread. */
final class MirrorCoverage implements Coverage, AutoCloseable {

    private final Admin source;
    private final MirroredThrough mirrored;
    private final SegmentTranslator translator;
    private final SegmentHistory history;
    private final Optional<Segment> running;
    private final List<Pattern> topics;
    private final JobOutputs outputs;
    private final DerivedTopics derived;
    private Optional<Uuid> sourceClusterId = Optional.empty();

    /**
     * @param history of the group, with the flow that runs now
     * @param outputs of the job
     */
    MirrorCoverage(FlowConfig config, SegmentHistory history, JobOutputs outputs) {
        Map<String, Object> from = KafkaSettings.mirror(config.from().kafka());
        Map<String, Object> to = KafkaSettings.mirror(config.to().kafka());
        this.source = Admin.create(from);
        this.mirrored = new MirroredThrough(from, to);
        this.translator = new SegmentTranslator(
                config.flow(), new PositionTranslator(to, config.flow().from()), Optional.of(from));
        this.history = history;
        this.outputs = outputs;
        this.derived = DerivedTopics.of(config.group());
        this.running = history.open(config.flow());
        this.topics = config.group().patterns(AssetSpec.KAFKA_TOPIC).stream()
                .map(Pattern::compile)
                .toList();
    }

    @Override
    public OffsetVector writtenEnds() throws InterruptedException {
        List<String> names = KafkaAnswer.await(source.listTopics().names(), "list topics").stream()
                .filter(this::mayBeWritten)
                .toList();
        Map<TopicPartition, OffsetSpec> latest =
                KafkaAnswer.await(source.describeTopics(names).allTopicNames(), "describe topics").values().stream()
                        .flatMap(MirrorCoverage::partitions)
                        .collect(Collectors.toMap(partition -> partition, partition -> OffsetSpec.latest()));
        return ends(latest, IsolationLevel.READ_UNCOMMITTED);
    }

    private OffsetVector ends(Map<TopicPartition, OffsetSpec> latest, IsolationLevel level)
            throws InterruptedException {
        SortedMap<PartitionKey, Long> ends = new TreeMap<>();
        KafkaAnswer.await(
                        source.listOffsets(latest, new ListOffsetsOptions(level))
                                .all(),
                        "read ends of topics")
                .forEach((partition, end) ->
                        ends.put(new PartitionKey(partition.topic(), partition.partition()), end.offset()));
        return new OffsetVector(ends);
    }

    @Override
    public Optional<String> notCommitted(OffsetVector wanted) throws InterruptedException {
        if (wanted.ends().isEmpty()) {
            return Optional.empty();
        }
        OffsetVector stable = ends(
                wanted.ends().keySet().stream()
                        .collect(Collectors.toMap(
                                key -> new TopicPartition(key.topic(), key.partition()), key -> OffsetSpec.latest())),
                IsolationLevel.READ_COMMITTED);
        return wanted.ends().entrySet().stream()
                .filter(end -> end.getValue() > stable.end(end.getKey()).orElse(0))
                .findFirst()
                .map(end -> end.getKey() + " is needed up to " + end.getValue() + ", and a transaction is open at "
                        + stable.end(end.getKey()).orElse(0));
    }

    private boolean mayBeWritten(String name) {
        return outputs.isDeclared()
                ? outputs.topics().contains(name)
                : !derived.topics().contains(name)
                        && topics.stream().anyMatch(topic -> topic.matcher(name).matches());
    }

    private static Stream<TopicPartition> partitions(TopicDescription topic) {
        return topic.partitions().stream().map(partition -> new TopicPartition(topic.name(), partition.partition()));
    }

    @Override
    public Optional<String> notMirrored(OffsetVector wanted) {
        OffsetVector through = mirrored.read(wanted.ends().keySet(), running).through();
        return wanted.ends().entrySet().stream()
                .filter(end -> end.getValue() > through.end(end.getKey()).orElse(0))
                .findFirst()
                .map(end -> end.getKey() + " is needed up to " + end.getValue() + " and mirrored up to "
                        + through.end(end.getKey()).orElse(0));
    }

    @Override
    public OffsetVector translate(OffsetVector sourcePositions) throws InterruptedException {
        if (sourceClusterId.isEmpty()) {
            sourceClusterId = Optional.of(Uuid.fromString(
                    KafkaAnswer.await(source.describeCluster().clusterId(), "id of the source cluster")));
        }
        SortedMap<PartitionKey, Long> offsets = new TreeMap<>();
        Map<PartitionKey, SortedSet<Long>> positions = new TreeMap<>();
        sourcePositions.ends().forEach((partition, end) -> positions.put(partition, new TreeSet<>(Set.of(end))));
        translator
                .search(history, sourceClusterId, Map.of(), positions)
                .forEach((partition, found) ->
                        found.values().forEach(translation -> offsets.put(partition, translation.offset())));
        return new OffsetVector(offsets);
    }

    @Override
    public void close() {
        mirrored.close();
        translator.close();
        source.close(Duration.ofSeconds(1));
    }
}
