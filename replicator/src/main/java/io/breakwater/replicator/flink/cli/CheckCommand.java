package io.breakwater.replicator.flink.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.platform.Json;
import io.breakwater.replicator.copy.cli.StoreOptions;
import io.breakwater.replicator.flink.snapshot.SnapshotFile;
import io.breakwater.replicator.kafka.cli.Failures;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code breakwater savepoint check}: whether all is there that a snapshot refers to. */
@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        description = {
            "Checks that each file that a snapshot refers to is there with its size, and, where 'relocate' or 'rewrite'"
                    + " wrote it, with its digest. A checkpoint's shared files count too. "
                    + SavepointCommand.EXIT_CODES
        })
final class CheckCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "SNAPSHOT", description = "The directory that holds _metadata.")
    private String snapshot = "";

    @Option(names = "--json", description = "The answer for programs.")
    private boolean json;

    @Mixin
    private StoreOptions stores = new StoreOptions();

    @Override
    public Integer call() {
        try (SnapshotPlace place = SnapshotPlace.source(snapshot, stores::source)) {
            List<SnapshotFile> files = place.explaining(place.open()::files);
            List<String> problems = SnapshotFiles.problems(place, files);
            long bytes = files.stream().mapToLong(SnapshotFile::size).sum();
            print(place, files.size(), bytes, problems);
            return problems.isEmpty() ? Failures.DONE : Failures.NOT_ALL;
        }
    }

    private void print(SnapshotPlace place, int files, long bytes, List<String> problems) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            ObjectNode answer = Json.MAPPER
                    .createObjectNode()
                    .put("snapshot", place.url())
                    .put("whole", problems.isEmpty())
                    .put("files", files)
                    .put("bytes", bytes);
            problems.forEach(answer.putArray("problems")::add);
            out.println(answer.toPrettyString());
        } else {
            problems.forEach(out::println);
            out.printf(
                    "%s: %d files, %d bytes; %s%n",
                    place.url(),
                    files,
                    bytes,
                    problems.isEmpty() ? "all there" : problems.size() + " NOT AS THEY SHOULD BE");
        }
        out.flush();
    }
}
