package io.breakwater.replicator.delta.cli;

import io.breakwater.region.ObjectStoreException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code breakwater table}: one Delta table and its replica. */
@Command(
        name = "breakwater table",
        mixinStandardHelpOptions = true,
        subcommands = {
            CopyTableCommand.class,
            FollowTableCommand.class,
            VerifyTableCommand.class,
            AsOfTableCommand.class,
            RestoreTableCommand.class
        },
        description = {
            "Delta tables, without a controller or Connect: copies one with its log to another place, follows it,"
                    + " compares, and goes back in time.",
            "A table is s3://bucket/path, file:///path, or a path. " + TableCommand.EXIT_CODES
        })
public final class TableCommand implements Runnable {

    static final String EXIT_CODES = "Exit code 0: done; 1: the table stopped, is not there, or differs;"
            + " 2: the command line is wrong; 3: a store does not answer or refuses.";

    static final int DONE = 0;
    static final int STOPPED = 1;
    static final int UNREACHABLE = 3;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        return new CommandLine(new TableCommand()).setExecutionExceptionHandler((failure, command, parsed) -> {
            if (failure instanceof ObjectStoreException) {
                command.getErr().println("breakwater table: " + failure.getMessage());
                return UNREACHABLE;
            }
            if (failure instanceof IllegalArgumentException) {
                command.getErr().println("breakwater table: " + failure.getMessage());
                return CommandLine.ExitCode.USAGE;
            }
            throw failure;
        });
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                spec.commandLine(),
                "a subcommand is needed: "
                        + String.join(", ", spec.commandLine().getSubcommands().keySet()));
    }
}
