package io.breakwater.replicator.kafka.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code breakwater offsets}: consumer positions, for two clusters with a stamped mirror between them. */
@Command(
        name = "breakwater offsets",
        mixinStandardHelpOptions = true,
        subcommands = TranslateCommand.class,
        description = "Consumer positions across two clusters with a stamped mirror between them.")
public final class OffsetsCommand implements Runnable {

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        return Failures.inOneLine(new CommandLine(new OffsetsCommand()), "breakwater offsets");
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "a subcommand is needed: translate");
    }
}
