package io.breakwater.replicator.flink.cli;

import io.breakwater.platform.PartitionKey;
import io.breakwater.replicator.flink.snapshot.KafkaSourceOperator;
import io.breakwater.replicator.flink.snapshot.SinkPolicy;
import io.breakwater.replicator.flink.snapshot.SnapshotRewrite;
import io.breakwater.replicator.kafka.cli.NotDoneException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/** What is to become of topics and operators, as the command line says it. */
final class RewriteOptions {

    @Option(
            names = "--topic",
            paramLabel = "OLD=NEW",
            description = "A topic that has another name on the target; may be repeated.")
    private Map<String, String> topics = new TreeMap<>();

    @Option(
            names = "--target-prefix",
            paramLabel = "TEXT",
            description = "What the mirror puts in front of all other topics' names on the target.")
    private String prefix = "";

    @Option(
            names = "--sink",
            paramLabel = "[UID=]POLICY",
            description = "What becomes of what sinks have still to commit: drop-with-new-prefix (the restored job"
                    + " must use another transactional id prefix; loses output that was not committed on the source after"
                    + " the snapshot), keep, or refuse, which counts without this option. With a uid for one sink; may be"
                    + " repeated.")
    private List<String> sinks = List.of();

    @Option(
            names = "--leave",
            paramLabel = "UID",
            description = "An operator that stays as it is, although it is not known what is in it; may be repeated.")
    private List<String> leave = List.of();

    @Option(
            names = "--accept-early",
            description = "Takes positions that lie before their place too: records are applied again then.")
    private boolean acceptEarly;

    Set<String> left(RewritePlan.Operators operators) {
        return leave.stream().map(uid -> operators.id("--leave", uid)).collect(Collectors.toSet());
    }

    /** @param translation is made by the names of partitions on the target */
    RewritePlan plan(
            RewritePlan.Operators operators,
            List<KafkaSourceOperator> sources,
            Function<UnaryOperator<PartitionKey>, PositionTranslation> translation) {
        PositionTranslation translated =
                translation.apply(partition -> new PartitionKey(onTarget(partition.topic()), partition.partition()));
        Map<String, String> names = new TreeMap<>();
        sources.stream()
                .flatMap(source -> source.topics().stream())
                .forEach(topic -> names.put(topic, name(topic, translated.topics())));
        SinkPolicy policy = SinkPolicy.REFUSE;
        Map<String, SinkPolicy> bySink = new HashMap<>();
        for (String sink : sinks) {
            int equals = sink.lastIndexOf('=');
            SinkPolicy said = SinkPolicy.parse(sink.substring(equals + 1));
            if (equals < 0) {
                policy = said;
            } else {
                operators.sink("--sink", sink.substring(0, equals)).forEach(id -> bySink.put(id, said));
            }
        }
        SnapshotRewrite terms = new SnapshotRewrite(Map.of(), names, policy, bySink, left(operators));
        return RewritePlan.of(operators, sources, translated, terms, acceptEarly);
    }

    private String onTarget(String topic) {
        return topics.getOrDefault(topic, prefix + topic);
    }

    private String name(String topic, Map<String, String> translated) {
        boolean said = topics.containsKey(topic) || !prefix.isEmpty();
        String known = translated.getOrDefault(topic, onTarget(topic));
        if (said && !known.equals(onTarget(topic))) {
            if (known.equals(topic)) {
                return onTarget(topic);
            }
            throw new NotDoneException("topic " + topic + " is to be " + onTarget(topic)
                    + " on the target, and the positions are those of " + known);
        }
        return known;
    }
}
