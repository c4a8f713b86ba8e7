package io.breakwater.replicator.flink.cli;

import io.breakwater.replicator.copy.CopyLimits;
import io.breakwater.replicator.copy.cli.StoreOptions;
import io.breakwater.replicator.flink.snapshot.Snapshot;
import io.breakwater.replicator.kafka.cli.Failures;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code breakwater savepoint relocate}: a self-contained copy. */
@Command(
        name = "relocate",
        mixinStandardHelpOptions = true,
        description = {
            "Copies a snapshot in self-contained form: all its files, also those that an incremental checkpoint shares"
                    + " with others, lie beside its _metadata, which refers to them there. Its content stays as it is:"
                    + " Kafka positions and sinks' transactions too, see 'rewrite'.",
            "Asked for again after an interruption, it goes on where it was. " + SavepointCommand.EXIT_CODES
        })
final class RelocateCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "SOURCE", description = "The directory that holds _metadata.")
    private String from = "";

    @Parameters(index = "1", paramLabel = "TARGET", description = "The directory of the copy.")
    private String to = "";

    @Mixin
    private StoreOptions stores = new StoreOptions();

    @Override
    public Integer call() throws InterruptedException {
        try (SnapshotPlace source = SnapshotPlace.source(from, stores::source);
                SnapshotPlace target = SnapshotPlace.target(to, stores::target)) {
            source.requireApart(target);
            Snapshot snapshot = source.openFor(target);
            byte[] metadata = source.explaining(() -> snapshot.relocated(target.directory()));
            SnapshotCopy.Done done = new SnapshotCopy(source, target, CopyLimits.standard())
                    .put(source.explaining(snapshot::files), metadata);
            print(spec.commandLine().getOut(), target, done);
            return Failures.DONE;
        }
    }

    static void print(PrintWriter out, SnapshotPlace target, SnapshotCopy.Done done) {
        out.printf(
                "%s: %d files, %d bytes, %d copied now; whole%n",
                target.url(), done.files(), done.bytes(), done.copied());
        out.flush();
    }
}
