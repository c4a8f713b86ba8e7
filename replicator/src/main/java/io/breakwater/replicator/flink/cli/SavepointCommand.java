package io.breakwater.replicator.flink.cli;

import io.breakwater.region.ObjectStoreException;
import io.breakwater.replicator.kafka.cli.Failures;
import io.breakwater.replicator.kafka.cli.NotDoneException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code breakwater savepoint}: one snapshot of a Flink job. */
@Command(
        name = "breakwater savepoint",
        mixinStandardHelpOptions = true,
        subcommands = {InspectCommand.class, CheckCommand.class, RelocateCommand.class, RewriteCommand.class},
        description = {
            "Savepoints and retained checkpoints of Flink jobs: shows what is in one, checks that it is whole, makes a"
                    + " self-contained copy elsewhere, and carries its Kafka positions over to another cluster.",
            "A snapshot is s3://bucket/path, file:///path, or a path: the directory that holds _metadata. "
                    + SavepointCommand.EXIT_CODES
        })
public final class SavepointCommand implements Runnable {

    static final String EXIT_CODES =
            "Exit code 0: done; 1: the snapshot is not whole, or holds what cannot be carried over, as the message"
                    + " says; 2: nothing was done (usage, a missing file, a store or cluster that does not answer).";

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        return new CommandLine(new SavepointCommand()).setExecutionExceptionHandler((failure, command, parsed) -> {
            boolean refused = failure instanceof SnapshotRefusedException;
            if (refused
                    || failure instanceof NotDoneException
                    || failure instanceof ObjectStoreException
                    || failure instanceof IllegalArgumentException) {
                command.getErr().println("breakwater savepoint: " + failure.getMessage());
                return refused ? Failures.NOT_ALL : Failures.NOT_DONE;
            }
            throw failure;
        });
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                spec.commandLine(), "a subcommand is needed: inspect, check, relocate or rewrite");
    }
}
