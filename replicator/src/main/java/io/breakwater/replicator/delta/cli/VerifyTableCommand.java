package io.breakwater.replicator.delta.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.platform.Json;
import io.breakwater.replicator.delta.cli.TableComparison.Found;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code breakwater table verify}: a replica against its source. */
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        description = {
            "Compares a replica with its source: live files by the log, by Delta Kernel and by the version's checksum"
                    + " file, every row on both sides, and every object, log files too, byte by byte. Nothing is"
                    + " written.",
            TableCommand.EXIT_CODES
        })
final class VerifyTableCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Mixin
    private TablePair tables = new TablePair();

    @Option(names = "--version", description = "Which one; without it, the newest that both sides have.")
    private @Nullable Long version;

    @Option(
            names = "--all",
            description = "Every version that both sides have. What the source can't read any more is said, and is no"
                    + " difference.")
    private boolean all;

    @Option(names = "--json", description = "One JSON object, for programs.")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException {
        try (TablePlace source = tables.source();
                TablePlace target = tables.target()) {
            TableComparison comparison = new TableComparison(source, target);
            NavigableSet<Long> common = comparison.common();
            if (version != null) {
                common.retainAll(List.of(version));
            } else if (!all && !common.isEmpty()) {
                common.retainAll(List.of(common.last()));
            }
            List<Found> found = new ArrayList<>();
            for (long each : common) {
                found.add(comparison.at(each, all));
                if (!json) {
                    print(text(found.get(found.size() - 1), source, target));
                }
            }
            Optional<String> ahead = comparison.ahead();
            boolean differs = ahead.isPresent() || found.stream().anyMatch(each -> each instanceof Found.Differs);
            boolean nothing = found.isEmpty();
            if (!json && !nothing) {
                print(comparison.bytes().objects() + " objects of "
                        + comparison.bytes().bytes() + " bytes were compared byte by byte");
                comparison.bytes().writtenAgain().forEach(this::print);
            }
            if (json) {
                ObjectNode answer = json(source, target, found, ahead, differs || nothing);
                answer.putPOJO("writtenAgain", comparison.bytes().writtenAgain());
                print(answer.toString());
            } else {
                ahead.ifPresent(this::print);
                if (nothing) {
                    print(
                            version == null
                                    ? "no version that both " + source.url() + " and " + target.url() + " have"
                                    : "version " + version + " is not on both sides");
                }
            }
            return differs || nothing ? TableCommand.STOPPED : TableCommand.DONE;
        }
    }

    private static ObjectNode json(
            TablePlace source, TablePlace target, List<Found> found, Optional<String> ahead, boolean wrong) {
        ObjectNode answer = Json.MAPPER
                .createObjectNode()
                .put("source", source.url())
                .put("target", target.url())
                .put("outcome", wrong ? "differs" : "same");
        ahead.ifPresent(text -> answer.put("ahead", text));
        ArrayNode versions = answer.putArray("versions");
        found.forEach(each -> versions.add(TableComparison.json(each)));
        return answer;
    }

    private static String text(Found found, TablePlace source, TablePlace target) {
        String version = "version " + found.version() + ": ";
        String text;
        if (found instanceof Found.Same same) {
            text = "same: " + same.figures().path("files").asLong() + " files, "
                    + same.figures().path("bytes").asLong() + " bytes, "
                    + same.figures().path("rows").asLong() + " rows, digest "
                    + same.figures().path("digest").asText();
        } else if (found instanceof Found.Differs differs) {
            text = "differs: " + String.join("\n  ", differs.differences());
        } else if (found instanceof Found.OnlyReplica only) {
            text = "right by itself; the source can't read it: " + only.reason();
        } else {
            text = "neither side can read it: " + ((Found.Neither) found).reason();
        }
        return target.readable(source.readable(version + text));
    }

    private void print(String line) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(line);
        out.flush();
    }
}
