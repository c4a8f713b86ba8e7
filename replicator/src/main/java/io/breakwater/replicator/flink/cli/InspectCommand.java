package io.breakwater.replicator.flink.cli;

import io.breakwater.replicator.copy.cli.StoreOptions;
import io.breakwater.replicator.flink.snapshot.OperatorSummary;
import io.breakwater.replicator.flink.snapshot.Snapshot;
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

/** {@code breakwater savepoint inspect}: what is in a snapshot. */
@Command(
        name = "inspect",
        mixinStandardHelpOptions = true,
        description = {
            "Shows what is in a snapshot: its operators and their state, the files it refers to, where its KafkaSources"
                    + " stand, what its sinks have still to commit, and what keeps it from being carried to another"
                    + " cluster. No class of the job is needed. "
                    + SavepointCommand.EXIT_CODES
        })
final class InspectCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "SNAPSHOT", description = "The directory that holds _metadata.")
    private String snapshot = "";

    @Option(names = "--json", description = "The answer for programs, with each file.")
    private boolean json;

    @Option(
            names = "--positions",
            description = "Only the positions of the KafkaSources, as JSON that 'breakwater offsets translate"
                    + " --positions' takes; each under the id of its operator.")
    private boolean positions;

    @Mixin
    private StoreOptions stores = new StoreOptions();

    @Override
    public Integer call() {
        try (SnapshotPlace place = SnapshotPlace.source(snapshot, stores::source)) {
            Snapshot opened = place.open();
            List<OperatorSummary> operators = place.explaining(opened::operators);
            InspectionReport report = new InspectionReport(place, opened, operators);
            PrintWriter out = spec.commandLine().getOut();
            if (positions) {
                out.println(report.positionsJson().toPrettyString());
            } else if (json) {
                out.println(report.json().toPrettyString());
            } else {
                report.print(out);
            }
            out.flush();
            return Failures.DONE;
        }
    }
}
