package io.breakwater.controller.api.cli;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code breakwater nodes}: what a person changes of the controller nodes themselves. */
@Command(name = "nodes", mixinStandardHelpOptions = true, description = "Changes which of the controller nodes leads.")
public final class NodesCommand implements Runnable {

    private static final int NOT_DONE = 2;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        return new CommandLine(new NodesCommand()).setExecutionExceptionHandler((failure, command, parsed) -> {
            command.getErr().println("breakwater nodes: " + failure.getMessage());
            return NOT_DONE;
        });
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "a subcommand is needed: transfer-lead");
    }

    @Command(
            name = "transfer-lead",
            mixinStandardHelpOptions = true,
            description = {
                "Hands the lead to another node, while no operation runs.",
                "Exit code 0: it leads; 2: not done."
            })
    int transferLead(
            @Mixin PersonOptions person,
            @Parameters(paramLabel = "NODE", description = "The node that is to lead, outside the active regions.")
                    String node)
            throws InterruptedException {
        JsonNode done = person.post("/v1/lead-transfers", person.body().put("node", node));
        spec.commandLine()
                .getOut()
                .println("node " + node + " leads; before: " + done.path("from").asText());
        spec.commandLine().getOut().flush();
        return 0;
    }
}
