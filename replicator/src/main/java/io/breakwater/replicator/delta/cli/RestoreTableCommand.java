package io.breakwater.replicator.delta.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.platform.Json;
import io.breakwater.replicator.copy.CopyProgress;
import io.breakwater.replicator.copy.ObjectCopier;
import io.breakwater.replicator.copy.cli.CopierOptions;
import io.breakwater.replicator.copy.cli.ProgressLine;
import io.breakwater.replicator.delta.SnapshotCopy;
import io.breakwater.replicator.delta.TableRestore;
import io.breakwater.replicator.delta.TableRestore.Outcome;
import io.breakwater.replicator.delta.TableTimes;
import io.breakwater.replicator.delta.TableTimes.VersionTime;
import java.io.PrintWriter;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code breakwater table restore}: a table as it was. */
@Command(
        name = "restore",
        mixinStandardHelpOptions = true,
        description = {
            "Makes a table what it was at a version, or at a time, by a new commit on it; its history stays. The files"
                    + " of then must still be there: a replica keeps them although the source was vacuumed, as long as"
                    + " its policy says. Writers' transactions and the protocol stay what they are now.",
            "A version that a delay holds back is not restored but put, with those before it: the source's own commits.",
            "With --as-new-table nothing is written to the table: what it was becomes a table of its own elsewhere, to"
                    + " look at, or to go on with.",
            TableCommand.EXIT_CODES
        })
final class RestoreTableCommand implements Callable<Integer> {

    private static final String NEW_FOLDER = "new-folder";

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Mixin
    private OneTable table = new OneTable();

    @Mixin
    private CopierOptions copierOptions = new CopierOptions();

    @Option(
            names = "--as-new-table",
            paramLabel = "URL",
            description = "s3://bucket/path in the same store, file:///path or a path: copied there instead.")
    private @Nullable String newTable;

    @Option(
            names = "--detach",
            description = "Also a replica that a mirror follows: the mirror stops for good, because the commit is none"
                    + " of its source.")
    private boolean detach;

    @Option(names = "--json", description = "One JSON object, for programs.")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException {
        Instant time = table.time();
        if ((time == null) == (table.version() == null)) {
            throw new ParameterException(spec.commandLine(), "one of --version and --time is needed");
        }
        try (TablePlace place = table.place()) {
            Optional<Long> version = Optional.ofNullable(table.version());
            if (time != null) {
                version = TableTimes.of(place.store(), place.table()).asOf(time).map(VersionTime::version);
            }
            if (version.isEmpty()) {
                return say(
                        place,
                        place.url(),
                        -1,
                        new Outcome.Refused("no version in the log of " + place.url() + " stood at " + time));
            }
            return newTable == null
                    ? say(
                            place,
                            place.url(),
                            version.get(),
                            new TableRestore(place.store(), place.table(), Clock.systemUTC())
                                    .restore(version.get(), detach))
                    : asNewTable(place, newTable, version.get());
        }
    }

    private int asNewTable(TablePlace place, String url, long version) throws InterruptedException {
        CopyProgress progress = new CopyProgress();
        try (TablePlace target = TablePlace.of(url, table.stores()::target, NEW_FOLDER);
                ObjectCopier copier = new ObjectCopier(
                        place.store(), target.store(), copierOptions.limits(target.scratch()), progress)) {
            ProgressLine line = json ? ProgressLine.silent() : ProgressLine.of(progress);
            Outcome outcome;
            try {
                outcome = new SnapshotCopy(place.store(), place.table(), copier, Clock.systemUTC())
                        .copy(version, target.store(), target.table());
            } finally {
                line.close();
            }
            return say(target, target.url(), version, outcome);
        }
    }

    private int say(TablePlace place, String url, long version, Outcome outcome) {
        ObjectNode answer = Json.MAPPER.createObjectNode().put("table", url);
        String text;
        if (outcome instanceof Outcome.Restored restored) {
            answer.put("outcome", "restored")
                    .put("restoredVersion", version)
                    .put("version", restored.version())
                    .put("removed", restored.removed())
                    .put("added", restored.added());
            text = url + " is what it was at version " + version + ", by its version " + restored.version() + ": "
                    + restored.removed() + " files removed, " + restored.added() + " added";
        } else if (outcome instanceof Outcome.Released released) {
            answer.put("outcome", "released").put("version", released.version()).put("versions", released.versions());
            text = url + " is at version " + released.version() + " of its source: " + released.versions()
                    + " versions that were held back are put";
        } else if (outcome instanceof Outcome.Same same) {
            answer.put("outcome", "same").put("restoredVersion", version).put("version", same.version());
            text = url + " is at version " + same.version() + " what it was at version " + version
                    + "; nothing was written";
        } else {
            String reason = place.readable(((Outcome.Refused) outcome).reason());
            answer.put("outcome", "refused").put("reason", reason);
            text = "not restored: " + reason;
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println(json ? answer.toString() : text);
        out.flush();
        return outcome instanceof Outcome.Refused ? TableCommand.STOPPED : TableCommand.DONE;
    }
}
