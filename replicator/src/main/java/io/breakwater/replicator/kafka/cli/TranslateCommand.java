package io.breakwater.replicator.kafka.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.cli.TextTable;
import io.breakwater.platform.Json;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.region.StampedPositions;
import io.breakwater.region.StampedPositions.Answer;
import io.breakwater.replicator.kafka.cli.OffsetsTranslation.Line;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code breakwater offsets translate}: what source positions are on the target, and on request the groups set there. */
@Command(
        name = "translate",
        mixinStandardHelpOptions = true,
        description = {
            "Says what positions on a source cluster are on the target that mirrors it, by the stamps of the records.",
            "The source may be dead: keep the positions with --json while it lives, and give them with --positions.",
            "Exit code 0: each position has its exact place on the target, and each group was set if --apply asked for it;"
                    + " 1: not each, the answer says which and why; 2: nothing was done."
        })
final class TranslateCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = "--from",
            paramLabel = "FILE",
            description = "Client settings of the source cluster; not needed with --positions. After the two have"
                    + " changed places more than once, the place of a record that had come from the target is only"
                    + " known with it.")
    private @Nullable Path from;

    @Option(
            names = "--to",
            required = true,
            paramLabel = "FILE",
            description = "Client settings of the target cluster.")
    @SuppressWarnings("NullAway.Init")
    private Path to;

    @Option(
            names = "--source-cluster-id",
            paramLabel = "ID",
            description = "With the source dead; without it, the cluster that the newest stamps name.")
    private @Nullable String sourceClusterId;

    @Option(
            names = "--source-alias",
            paramLabel = "NAME",
            description = "MirrorMaker's alias of the source: its offset syncs then help where records are from before"
                    + " the stamp was switched on. Without it, such a position is the partition's beginning.")
    private @Nullable String sourceAlias;

    @Option(
            names = "--group",
            paramLabel = "NAME",
            description = "A consumer group of the source; may be repeated. With --positions that name no group, the"
                    + " group they are for.")
    private List<String> groups = new ArrayList<>();

    @Option(names = "--all-groups", description = "All consumer groups of the source.")
    private boolean allGroups;

    @Option(
            names = "--positions",
            paramLabel = "FILE",
            description = "Source positions: lines '[group] topic partition offset', or JSON as --json prints it.")
    private @Nullable Path positions;

    @Option(names = "--topics", paramLabel = "PATTERN", description = "Only topics whose whole name fits.")
    private Pattern topics = Pattern.compile(".*");

    @Option(
            names = "--apply",
            description = "Writes the positions to the groups of the target. Groups with members there are refused.")
    private boolean apply;

    @Option(names = "--json", description = "The answer for programs.")
    private boolean json;

    @Mixin
    private TargetNames names = new TargetNames();

    @Override
    public Integer call() {
        requireUsage();
        try (Cluster target = Cluster.open("--to", to)) {
            OffsetsTranslation translation = new OffsetsTranslation(target, names);
            Uuid source;
            if (from == null) {
                SortedMap<String, OffsetVector> wanted = kept();
                source = translate(translation, target, wanted, Optional.empty());
            } else {
                try (Cluster alive = Cluster.open("--from", from)) {
                    SortedMap<String, OffsetVector> wanted =
                            positions == null ? OffsetsTranslation.committed(alive, groups, topics) : kept();
                    source = translate(translation, target, wanted, Optional.of(alive));
                }
            }
            if (apply) {
                translation.apply();
            }
            print(translation, source);
            return translation.isComplete() ? Failures.DONE : Failures.NOT_ALL;
        }
    }

    private void requireUsage() {
        if (positions == null && from == null) {
            throw usage("--from or --positions is needed: where do the positions come from?");
        }
        if (positions == null && groups.isEmpty() == !allGroups) {
            throw usage("either --group or --all-groups is needed");
        }
        if (positions != null && allGroups) {
            throw usage("--positions says which groups there are; --all-groups does not go with it");
        }
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    /** The positions of the file, as far as groups and topics are wanted. */
    private SortedMap<String, OffsetVector> kept() {
        SortedMap<String, OffsetVector> read = PositionsFile.read(Objects.requireNonNull(positions));
        OffsetVector nobodys = read.remove(PositionsFile.NO_GROUP);
        if (!groups.isEmpty()) {
            read.keySet().retainAll(groups);
        }
        if (nobodys != null) {
            if (groups.size() > 1 || (apply && groups.isEmpty())) {
                throw usage("--positions " + positions + " names no group: give the one they are for with --group");
            }
            String owner = groups.isEmpty() ? PositionsFile.NO_GROUP : groups.get(0);
            read.merge(owner, nobodys, OffsetVector::with);
        }
        SortedMap<String, OffsetVector> wanted = new TreeMap<>();
        read.forEach((group, vector) -> {
            SortedMap<PartitionKey, Long> ends = new TreeMap<>(vector.ends());
            ends.keySet().removeIf(key -> !topics.matcher(key.topic()).matches());
            if (!ends.isEmpty()) {
                wanted.put(group, new OffsetVector(ends));
            }
        });
        return wanted;
    }

    private Uuid translate(
            OffsetsTranslation translation,
            Cluster target,
            SortedMap<String, OffsetVector> wanted,
            Optional<Cluster> alive) {
        for (String group : groups) {
            if (!wanted.containsKey(group)) {
                translation.refuse(group, "no positions of it are known: is the name right?");
            }
        }
        if (wanted.isEmpty()) {
            throw new NotDoneException("no positions to translate: "
                    + (positions == null ? "the source has none" : positions + " has none")
                    + " of these groups on topics that fit " + topics);
        }
        try (StampedPositions stamped = target.asking(() -> new StampedPositions(
                target.settings(), alive.map(Cluster::settings), Optional.ofNullable(sourceAlias)))) {
            SortedSet<PartitionKey> partitions = new TreeSet<>();
            wanted.values()
                    .forEach(vector -> vector.ends().keySet().forEach(key -> partitions.add(names.onTarget(key))));
            Uuid source = source(stamped, target, partitions, alive);
            translation.translate(stamped, source, wanted);
            return source;
        }
    }

    private Uuid source(
            StampedPositions stamped, Cluster target, SortedSet<PartitionKey> partitions, Optional<Cluster> alive) {
        Optional<Uuid> said = Optional.ofNullable(sourceClusterId).map(id -> Cluster.uuid("--source-cluster-id", id));
        Optional<Uuid> asked = alive.map(cluster -> cluster.asking(cluster::id));
        if (said.isPresent() && asked.isPresent() && !said.equals(asked)) {
            throw new NotDoneException("--source-cluster-id " + said.get() + ": the cluster of --from " + from
                    + " is another one, " + asked.get());
        }
        return said.or(() -> asked)
                .or(() -> target.asking(() -> stamped.sourceClusterId(partitions)))
                .orElseThrow(() -> new NotDoneException("--to " + to + ": no record of the topics "
                        + partitions.stream()
                                .map(PartitionKey::topic)
                                .distinct()
                                .toList()
                        + " has a stamp, so the source is not known: give --source-cluster-id, or see whether the"
                        + " stamp is switched on"));
    }

    private void print(OffsetsTranslation translation, Uuid source) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(toJson(translation, source).toPrettyString());
        } else {
            table(translation, source, out);
        }
        out.flush();
    }

    private static void table(OffsetsTranslation translation, Uuid source, PrintWriter out) {
        TextTable table = new TextTable("GROUP", "TOPIC", "PARTITION", "SOURCE", "TARGET", "HOW");
        for (Line line : translation.lines()) {
            table.row(
                    line.group().isEmpty() ? "-" : line.group(),
                    line.partition().topic(),
                    String.valueOf(line.partition().partition()),
                    String.valueOf(line.offset()),
                    line.targetOffset().map(String::valueOf).orElse("-"),
                    line.answer() instanceof Answer.Untranslatable none
                            ? how(line.answer()) + ": " + none.why()
                            : how(line.answer()));
        }
        table.print(out);
        out.println("source cluster " + source);
        translation.applied().forEach(group -> out.println("set on the target: group " + group));
        translation.refused().forEach((group, why) -> out.println("REFUSED: group " + group + ": " + why));
    }

    private static String how(Answer answer) {
        if (answer instanceof Answer.ByStamp) {
            return "exact";
        }
        if (answer instanceof Answer.Early) {
            return "early";
        }
        return answer instanceof Answer.MirrorEnd ? "mirror-end" : "untranslatable";
    }

    private static ObjectNode toJson(OffsetsTranslation translation, Uuid source) {
        ObjectNode answer = Json.MAPPER.createObjectNode().put("sourceClusterId", source.toString());
        ArrayNode array = answer.putArray("positions");
        for (Line line : translation.lines()) {
            ObjectNode position = array.addObject();
            if (!line.group().isEmpty()) {
                position.put("group", line.group());
            }
            position.put("topic", line.partition().topic())
                    .put("partition", line.partition().partition())
                    .put("offset", line.offset())
                    .put("how", how(line.answer()));
            if (!line.onTarget().equals(line.partition())) {
                position.put("targetTopic", line.onTarget().topic());
            }
            line.targetOffset().ifPresent(offset -> position.put("targetOffset", offset));
            if (line.answer() instanceof Answer.Untranslatable none) {
                position.put("reason", none.reason().name()).put("why", none.why());
            }
        }
        ArrayNode applied = answer.putArray("applied");
        translation.applied().forEach(applied::add);
        ObjectNode refused = answer.putObject("refused");
        for (Map.Entry<String, String> group : translation.refused().entrySet()) {
            refused.put(group.getKey(), group.getValue());
        }
        return answer;
    }
}
