package io.breakwater.replicator.delta.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.platform.Json;
import io.breakwater.replicator.copy.CopyProgress;
import io.breakwater.replicator.copy.ObjectCopier;
import io.breakwater.replicator.delta.MirroredVersion;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code breakwater table follow}: keeps a replica up to date until it is interrupted. */
@Command(
        name = "follow",
        mixinStandardHelpOptions = true,
        description = {
            "Copies a table as 'copy' does, and goes on with each version that comes, until it is interrupted (exit"
                    + " code 130). A line for each version.",
            TableCommand.EXIT_CODES
        })
final class FollowTableCommand implements Callable<Integer> {

    private static final double MILLION = 1e6;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Mixin
    private TablePair tables = new TablePair();

    @Mixin
    private CarryingOptions carrying = new CarryingOptions();

    @Option(
            names = "--every",
            defaultValue = "PT1S",
            paramLabel = "DURATION",
            description = "Between two looks at a source that has nothing new: ${DEFAULT-VALUE}.")
    private Duration every = Duration.ofSeconds(1);

    @Option(names = "--json", description = "A JSON object for each version, for programs.")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException {
        try (TablePlace source = tables.source();
                TablePlace target = tables.target();
                ObjectCopier copier = carrying.copier(source, target, new CopyProgress())) {
            TableCarriage carriage =
                    new TableCarriage(carrying.mirror(source, target, copier), carrying.patience(), this::say);
            String reason =
                    carriage.forEver(every, waiting -> say("waiting", target.readable(source.readable(waiting))));
            say("stopped", target.readable(source.readable(reason)));
            return TableCommand.STOPPED;
        }
    }

    private void say(MirroredVersion version) {
        if (json) {
            ObjectNode line = Json.MAPPER
                    .createObjectNode()
                    .put("version", version.version())
                    .put("committed", version.committed().toString())
                    .put("files", version.carried().files())
                    .put("bytes", version.carried().bytes())
                    .put("arrived", Instant.now().toString());
            version.notice().ifPresent(notice -> line.put("notice", notice));
            print(line.toString());
        } else {
            print(String.format(
                    "version %d, committed %s: %d files, %.1f MB%s",
                    version.version(),
                    version.committed(),
                    version.carried().files(),
                    version.carried().bytes() / MILLION,
                    version.notice().map(notice -> "; " + notice).orElse("")));
        }
    }

    private void say(String what, String reason) {
        print(
                json
                        ? Json.MAPPER
                                .createObjectNode()
                                .put("outcome", what)
                                .put("reason", reason)
                                .toString()
                        : what + ": " + reason);
    }

    private void print(String line) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(line);
        out.flush();
    }
}
