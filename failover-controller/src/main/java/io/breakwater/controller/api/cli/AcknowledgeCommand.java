package io.breakwater.controller.api.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code breakwater acknowledge}: ends the cool-down that follows an automatic failover. */
@Command(
        name = "acknowledge",
        mixinStandardHelpOptions = true,
        description = {"Ends the cool-down that follows an automatic failover.", "Exit code 0: done; 2: not done."})
public final class AcknowledgeCommand implements Callable<Integer> {

    private static final int NOT_DONE = 2;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Mixin
    private PersonOptions person = new PersonOptions();

    @Option(names = "--group", required = true, paramLabel = "NAME", description = "A protection group.")
    @SuppressWarnings("NullAway.Init")
    private String group;

    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        return new CommandLine(new AcknowledgeCommand()).setExecutionExceptionHandler((failure, command, parsed) -> {
            command.getErr().println("breakwater acknowledge: " + failure.getMessage());
            return NOT_DONE;
        });
    }

    @Override
    public Integer call() throws InterruptedException {
        ObjectNode body = person.body();
        person.post("/v1/cool-down-acknowledgements", body.put("group", group));
        spec.commandLine().getOut().println("group " + group + ": the cool-down has ended");
        spec.commandLine().getOut().flush();
        return 0;
    }
}
