package io.breakwater.replicator.flink.cli;

import io.breakwater.cli.TextTable;
import io.breakwater.platform.PartitionKey;
import io.breakwater.replicator.copy.CopyLimits;
import io.breakwater.replicator.copy.cli.StoreOptions;
import io.breakwater.replicator.flink.cli.RewritePlan.Line;
import io.breakwater.replicator.flink.snapshot.KafkaSourceOperator;
import io.breakwater.replicator.flink.snapshot.Snapshot;
import io.breakwater.replicator.flink.snapshot.SnapshotRewrite;
import io.breakwater.replicator.kafka.cli.Cluster;
import io.breakwater.replicator.kafka.cli.Failures;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code breakwater savepoint rewrite}: a self-contained copy that continues on another Kafka cluster. */
@Command(
        name = "rewrite",
        mixinStandardHelpOptions = true,
        description = {
            "As 'relocate', and puts the positions of another Kafka cluster into the KafkaSources, in their readers"
                    + " and their enumerator. The positions come from a file that 'breakwater offsets translate --json'"
                    + " made of what 'inspect --positions' says, or from the target cluster by the stamps of its records.",
            "Start the job from the copy with claim mode NO_CLAIM. " + SavepointCommand.EXIT_CODES
        })
final class RewriteCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "SOURCE", description = "The directory that holds _metadata.")
    private String from = "";

    @Parameters(index = "1", paramLabel = "TARGET", description = "The directory of the rewritten copy.")
    private String to = "";

    @Option(
            names = "--positions",
            paramLabel = "FILE",
            description = "What the positions are on the target, as 'breakwater offsets translate --json' prints it.")
    private @Nullable Path positions;

    @Option(
            names = "--to-cluster",
            paramLabel = "FILE",
            description = "Client settings of the target cluster, to translate there; instead of --positions.")
    private @Nullable Path toCluster;

    @Option(
            names = "--from-cluster",
            paramLabel = "FILE",
            description = "Client settings of the source cluster, if it lives; see 'breakwater offsets translate'.")
    private @Nullable Path fromCluster;

    @Option(
            names = "--source-cluster-id",
            paramLabel = "ID",
            description = "With the source dead; without it, the cluster that the newest stamps name.")
    private @Nullable String sourceClusterId;

    @Option(
            names = "--dry-run",
            description =
                    "Says what would be done; writes nothing. What can't be carried over is refused all the same.")
    private boolean dryRun;

    @Mixin
    private RewriteOptions options = new RewriteOptions();

    @Mixin
    private StoreOptions stores = new StoreOptions();

    @Override
    public Integer call() throws InterruptedException {
        if ((positions == null) == (toCluster == null)) {
            throw new ParameterException(spec.commandLine(), "either --positions or --to-cluster is needed");
        }
        if (toCluster == null && (fromCluster != null || sourceClusterId != null)) {
            throw new ParameterException(
                    spec.commandLine(), "--from-cluster and --source-cluster-id go with --to-cluster");
        }
        try (SnapshotPlace source = SnapshotPlace.source(from, stores::source);
                SnapshotPlace target = SnapshotPlace.target(to, stores::target)) {
            source.requireApart(target);
            Snapshot snapshot = source.openFor(target);
            RewritePlan plan = source.explaining(() -> plan(snapshot, source));
            SnapshotRewrite rewrite = plan.rewrite();
            byte[] metadata = source.explaining(() -> snapshot.rewritten(target.directory(), rewrite));
            print(plan);
            if (!dryRun) {
                RelocateCommand.print(
                        spec.commandLine().getOut(),
                        target,
                        new SnapshotCopy(source, target, CopyLimits.standard())
                                .put(source.explaining(snapshot::files), metadata));
            }
            return Failures.DONE;
        }
    }

    private RewritePlan plan(Snapshot snapshot, SnapshotPlace source) {
        RewritePlan.Operators operators = new RewritePlan.Operators(snapshot.operators(), source.url());
        List<KafkaSourceOperator> sources = snapshot.kafkaSources(options.left(operators));
        Path file = positions;
        if (file != null) {
            return options.plan(operators, sources, names -> TranslatedPositions.read(file));
        }
        try (Cluster there = Cluster.open("--to-cluster", Objects.requireNonNull(toCluster))) {
            Optional<Cluster> alive =
                    Optional.ofNullable(fromCluster).map(settings -> Cluster.open("--from-cluster", settings));
            try {
                return options.plan(
                        operators,
                        sources,
                        names -> StampTranslation.ask(
                                there,
                                alive,
                                Optional.ofNullable(sourceClusterId).map(id -> Cluster.uuid("--source-cluster-id", id)),
                                wanted(sources),
                                names));
            } finally {
                alive.ifPresent(Cluster::close);
            }
        }
    }

    private static SortedMap<PartitionKey, SortedSet<Long>> wanted(List<KafkaSourceOperator> sources) {
        SortedMap<PartitionKey, SortedSet<Long>> wanted = new TreeMap<>();
        sources.forEach(source -> source.positions()
                .ends()
                .forEach((partition, offset) -> wanted.computeIfAbsent(partition, key -> new TreeSet<>())
                        .add(offset)));
        return wanted;
    }

    private void print(RewritePlan plan) {
        PrintWriter out = spec.commandLine().getOut();
        TextTable table = new TextTable("KAFKA SOURCE", "TOPIC", "PARTITION", "SOURCE", "ON TARGET", "TARGET", "HOW");
        for (Line line : plan.lines()) {
            table.row(
                    line.source().label(),
                    line.partition().topic(),
                    String.valueOf(line.partition().partition()),
                    String.valueOf(line.offset()),
                    line.onTarget().topic(),
                    String.valueOf(line.targetOffset()),
                    line.how());
        }
        table.print(out);
        plan.notes().forEach(out::println);
        out.flush();
    }
}
