package io.breakwater.replicator.copy.cli;

import io.breakwater.region.ObjectStoreException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code breakwater objects}: objects of two stores. */
@Command(
        name = "breakwater objects",
        mixinStandardHelpOptions = true,
        subcommands = {CopyCommand.class, ProbeCommand.class},
        description = "Objects of S3 stores: copies them, and finds out how a store is to be spoken to.")
public final class ObjectsCommand implements Runnable {

    /** Nothing was done: usage, a store that does not answer or refuses. */
    static final int NOT_DONE = 2;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        return new CommandLine(new ObjectsCommand()).setExecutionExceptionHandler((failure, command, parsed) -> {
            if (failure instanceof ObjectStoreException || failure instanceof IllegalArgumentException) {
                command.getErr().println("breakwater objects: " + failure.getMessage());
                return NOT_DONE;
            }
            throw failure;
        });
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "a subcommand is needed: copy or probe");
    }
}
