package io.breakwater.controller.api.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code breakwater approve}: approves what another person asked for, or a step of a running operation. */
@Command(
        name = "approve",
        mixinStandardHelpOptions = true,
        description = {
            "Approves what another person asked for, or a step of a running operation.",
            "Exit code 0: done; 2: not done."
        })
public final class ApproveCommand implements Callable<Integer> {

    private static final int NOT_DONE = 2;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Mixin
    private PersonOptions person = new PersonOptions();

    @Parameters(paramLabel = "ID", description = "The operation.")
    @SuppressWarnings("NullAway.Init")
    private String id;

    @Option(names = "--step", paramLabel = "NAME", description = "The step of the runbook that waits.")
    private Optional<String> step = Optional.empty();

    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        return new CommandLine(new ApproveCommand()).setExecutionExceptionHandler((failure, command, parsed) -> {
            command.getErr().println("breakwater approve: " + failure.getMessage());
            return NOT_DONE;
        });
    }

    @Override
    public Integer call() throws InterruptedException {
        ObjectNode body = person.body();
        step.ifPresent(name -> body.put("step", name));
        person.post("/v1/operations/" + URLEncoder.encode(id, StandardCharsets.UTF_8) + "/approvals", body);
        spec.commandLine()
                .getOut()
                .println(step.map(name -> "step " + name + " of ").orElse("") + "operation " + id + " is approved");
        spec.commandLine().getOut().flush();
        return 0;
    }
}
