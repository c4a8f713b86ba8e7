package io.breakwater.replicator.kafka.cli;

import io.breakwater.cli.TextTable;
import io.breakwater.platform.Json;
import io.breakwater.platform.PartitionKey;
import io.breakwater.region.KafkaAnswer;
import io.breakwater.region.MirrorTail;
import io.breakwater.region.ledger.InvalidLedgerException;
import io.breakwater.region.ledger.LedgerFolder;
import io.breakwater.region.ledger.LedgerManifest;
import io.breakwater.region.ledger.LedgerManifest.Part;
import io.breakwater.region.ledger.LedgerReader;
import io.breakwater.region.ledger.LedgerReader.Verified;
import io.breakwater.region.ledger.LedgerWriter;
import io.breakwater.region.ledger.LedgerWriter.Scope;
import io.breakwater.region.ledger.LedgerWriter.Written;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code breakwater kafka ledger}: what the old cluster holds that the new one never got. */
@Command(
        name = "ledger",
        mixinStandardHelpOptions = true,
        description = {
            "Writes what the old cluster holds and the new one never got: the records beyond the last stamp of each"
                    + " partition. Reads both clusters and changes nothing there. Stop the mirror first. --from, --to, --topics"
                    + " and --out are needed.",
            "Exit code 0: written, and complete; 1: written, but transactions were open on the old cluster;"
                    + " 2: not written."
        })
final class LedgerCommand implements Callable<Integer> {

    private static final Duration LIMIT = Duration.ofHours(24);

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(names = "--from", paramLabel = "FILE", description = "Client settings of the old cluster.")
    private @Nullable Path from;

    @Option(names = "--to", paramLabel = "FILE", description = "Client settings of the new cluster.")
    private @Nullable Path to;

    @Option(names = "--topics", paramLabel = "PATTERN", description = "Topics of the old cluster; the whole name fits.")
    private @Nullable Pattern topics;

    @Option(
            names = "--out",
            paramLabel = "DIR|S3URL",
            description = "Where the ledger goes: a directory, or s3://bucket/prefix.")
    private @Nullable String out;

    @Option(names = "--json", description = "The manifest itself as the answer, for programs.")
    private boolean json;

    @Mixin
    private LedgerPlace place = new LedgerPlace();

    @Mixin
    private TargetNames names = new TargetNames();

    @Override
    public Integer call() throws Exception {
        Path oldFile = required("--from", from);
        Path newFile = required("--to", to);
        Pattern wanted = required("--topics", topics);
        return place.in(required("--out", out), folder -> {
            requireEmpty(folder);
            try (Cluster old = Cluster.open("--from", oldFile);
                    Cluster target = Cluster.open("--to", newFile)) {
                Written written = write(old, target, wanted, folder);
                print(written);
                return written.manifest().isComplete() ? Failures.DONE : Failures.NOT_ALL;
            }
        });
    }

    private <T> T required(String option, @Nullable T value) {
        if (value == null) {
            throw new ParameterException(spec.commandLine(), "Missing required option: '" + option + "'");
        }
        return value;
    }

    private static void requireEmpty(LedgerFolder folder) throws IOException {
        Optional<InputStream> manifest = folder.open(LedgerManifest.NAME);
        if (manifest.isPresent()) {
            manifest.get().close();
            throw new NotDoneException("--out: there is a ledger already, " + folder.locate(LedgerManifest.NAME)
                    + ": give another place, so that none is overwritten");
        }
    }

    private Written write(Cluster old, Cluster target, Pattern topics, LedgerFolder folder) throws Exception {
        Uuid oldId = old.asking(old::id);
        Uuid targetId = target.asking(target::id);
        if (oldId.equals(targetId)) {
            throw new NotDoneException("--from and --to are one cluster, " + oldId);
        }
        SortedMap<PartitionKey, Long> ends = new TreeMap<>();
        Map<String, TopicDescription> described = described(old, topics);
        List<PartitionKey> mirrored = described.values().stream()
                .flatMap(topic -> topic.partitions().stream()
                        .map(partition -> names.onTarget(new PartitionKey(topic.name(), partition.partition()))))
                .toList();
        try (MirrorTail tail = target.asking(() -> new MirrorTail(target.settings()))) {
            target.asking(() -> tail.read(oldId, mirrored)).forEach((partition, end) -> {
                PartitionKey source = names.onSource(partition);
                Uuid topicId =
                        Objects.requireNonNull(described.get(source.topic())).topicId();
                // Stamps of an earlier topic of this name say nothing about the one that is there now.
                boolean same = end.topicId().map(topicId::equals).orElse(true);
                ends.put(source, same ? end.sourceEnd() : 0);
            });
        }
        Scope scope = new Scope(Optional.empty(), Optional.empty(), targetId.toString(), ends);
        try (LedgerWriter writer = old.asking(() -> new LedgerWriter(old.admin(), old.settings(), folder))) {
            return old.asking(() -> writer.write(scope, Instant.now().plus(LIMIT)));
        }
    }

    private static Map<String, TopicDescription> described(Cluster old, Pattern topics) {
        List<String> names =
                old.asking(() -> KafkaAnswer.await(old.admin().listTopics().names(), "list topics")).stream()
                        .filter(name -> topics.matcher(name).matches())
                        .toList();
        if (names.isEmpty()) {
            throw new NotDoneException("--topics " + topics + ": no topic of the old cluster fits");
        }
        return old.asking(
                () -> KafkaAnswer.await(old.admin().describeTopics(names).allTopicNames(), "describe topics"));
    }

    private void print(Written written) throws IOException {
        PrintWriter answer = spec.commandLine().getOut();
        if (json) {
            answer.println(Json.MAPPER.valueToTree(written.manifest()).toPrettyString());
        } else {
            table(written, answer);
        }
        answer.flush();
    }

    private static void table(Written written, PrintWriter answer) {
        TextTable table = new TextTable("TOPIC", "PARTITION", "ARRIVED BELOW", "FROM", "TO", "RECORDS", "NOTE");
        for (Part part : written.manifest().partitions()) {
            table.row(
                    part.topic(),
                    String.valueOf(part.partition()),
                    String.valueOf(part.segmentEnd()),
                    String.valueOf(part.from()),
                    String.valueOf(part.to()),
                    String.valueOf(part.records()),
                    note(part));
        }
        table.print(answer);
        answer.printf(
                Locale.ROOT,
                "%d records in %d files, manifest %s%nsha256 of the manifest %s%n",
                written.manifest().total().records(),
                written.manifest().total().files(),
                written.location(),
                written.sha256());
        if (!written.manifest().isComplete()) {
            answer.println("NOT COMPLETE: transactions are open on the old cluster; when they have ended, by"
                    + " themselves after their timeout or by 'kafka-transactions.sh abort', write another ledger");
        }
    }

    private static String note(Part part) {
        if (part.to() < part.end()) {
            return "a transaction is open from " + part.to() + " on";
        }
        if (part.from() > part.segmentEnd()) {
            return "retention has taken " + part.segmentEnd() + " to " + (part.from() - 1);
        }
        return part.segmentEnd() == 0 && part.records() > 0 ? "no stamp of this topic is on the new cluster" : "";
    }

    @Command(
            name = "verify",
            mixinStandardHelpOptions = true,
            description = {
                "Holds a ledger's files against its manifest: digests, lengths, counts, the order of offsets.",
                "Exit code 0: all are as the manifest says; 1: not all; 2: nothing was verified."
            })
    int verify(
            @Parameters(paramLabel = "DIR|S3URL", description = "where manifest.json is") String ledger,
            @Option(
                            names = "--manifest-sha256",
                            paramLabel = "HEX",
                            description = "What the manifest itself has to be, as the evidence log has it.")
                    @Nullable
                    String expected,
            @Mixin LedgerPlace where)
            throws Exception {
        Verified verified;
        try {
            verified = where.in(ledger, folder -> new LedgerReader(folder).verify());
        } catch (InvalidLedgerException e) {
            throw new NotDoneException(String.valueOf(e.getMessage()));
        }
        PrintWriter answer = spec.commandLine().getOut();
        boolean same = expected == null || expected.equalsIgnoreCase(verified.sha256());
        if (!same) {
            answer.println("FAILED      the manifest's sha256 is not " + expected);
        }
        verified.failures().forEach(failure -> answer.println("FAILED      " + failure));
        answer.printf(
                Locale.ROOT,
                "partitions  %d%nfiles       %d%nrecords     %d%nsha256      %s%n%s%n",
                verified.manifest().total().partitions(),
                verified.manifest().total().files(),
                verified.manifest().total().records(),
                verified.sha256(),
                same && verified.failures().isEmpty() ? "VERIFIED" : "NOT VERIFIED");
        answer.flush();
        return same && verified.failures().isEmpty() ? Failures.DONE : Failures.NOT_ALL;
    }
}
