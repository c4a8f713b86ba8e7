package io.breakwater.replicator.kafka.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code breakwater kafka}: two clusters with a stamped mirror between them. */
@Command(
        name = "breakwater kafka",
        mixinStandardHelpOptions = true,
        subcommands = LedgerCommand.class,
        description = "Records across two clusters with a stamped mirror between them.")
public final class KafkaCommand implements Runnable {

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        return Failures.inOneLine(new CommandLine(new KafkaCommand()), "breakwater kafka");
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "a subcommand is needed: ledger");
    }
}
