package io.breakwater.controller.api.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code breakwater freeze}: forbids automatic failovers of a group, or of all groups, until they are allowed again. */
@Command(
        name = "freeze",
        mixinStandardHelpOptions = true,
        description = {
            "Forbids automatic failovers of a group, or of all groups, until they are allowed again.",
            "Exit code 0: done; 2: not done."
        })
public final class FreezeCommand implements Callable<Integer> {

    private static final int NOT_DONE = 2;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Mixin
    private PersonOptions person = new PersonOptions();

    @Option(names = "--group", paramLabel = "NAME", description = "A protection group; without it, all of them.")
    private Optional<String> group = Optional.empty();

    @Option(names = "--off", description = "Allows them again.")
    private boolean off;

    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        return new CommandLine(new FreezeCommand()).setExecutionExceptionHandler((failure, command, parsed) -> {
            command.getErr().println("breakwater freeze: " + failure.getMessage());
            return NOT_DONE;
        });
    }

    @Override
    public Integer call() throws InterruptedException {
        ObjectNode body = person.body();
        group.ifPresent(name -> body.put("group", name));
        person.post("/v1/freezes", body.put("frozen", !off));
        spec.commandLine()
                .getOut()
                .println(group.map(name -> "group " + name).orElse("all groups") + ": automatic failovers are "
                        + (off ? "no longer frozen" : "frozen"));
        spec.commandLine().getOut().flush();
        return 0;
    }
}
