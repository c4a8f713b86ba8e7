package io.breakwater.controller.api.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code breakwater nodes}: what a person changes of the controller nodes themselves. */
@Command(
        name = "nodes",
        mixinStandardHelpOptions = true,
        description = "Changes which of the controller nodes leads, and which vote.")
public final class NodesCommand implements Runnable {

    private static final int NOT_DONE = 2;
    private static final String RAFT = "Its Raft server; not needed if the asked node's platform file has the node.";

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
        throw new CommandLine.ParameterException(
                spec.commandLine(), "a subcommand is needed: transfer-lead, add, remove or replace");
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

    @Command(
            name = "add",
            mixinStandardHelpOptions = true,
            description = {
                "Has a node vote that runs already, started with --joins.",
                "Exit code 0: it votes; 2: not done."
            })
    int add(
            @Mixin PersonOptions person,
            @Parameters(paramLabel = "NODE", description = "Under a name that was never used.") String node,
            @Option(names = "--raft", paramLabel = "HOST:PORT", description = RAFT) @Nullable String raft)
            throws InterruptedException {
        return change(person, joining(person, node, raft), "node " + node + " votes");
    }

    @Command(
            name = "remove",
            mixinStandardHelpOptions = true,
            description = {
                "Takes a node's vote away, for good: stop it afterwards.",
                "Exit code 0: it has none; 2: not done."
            })
    int remove(
            @Mixin PersonOptions person, @Parameters(paramLabel = "NODE", description = "Not the leader.") String node)
            throws InterruptedException {
        return change(person, person.body().put("leaves", node), "node " + node + " has no vote");
    }

    @Command(
            name = "replace",
            mixinStandardHelpOptions = true,
            description = {
                "Has one node vote in place of another, at once: that one may be dead.",
                "Exit code 0: done; 2: not done."
            })
    int replace(
            @Mixin PersonOptions person,
            @Parameters(index = "0", paramLabel = "OLD", description = "Not the leader.") String old,
            @Parameters(
                            index = "1",
                            paramLabel = "NEW",
                            description = "It runs already, started with --joins, under another name.")
                    String node,
            @Option(names = "--raft", paramLabel = "HOST:PORT", description = RAFT) @Nullable String raft)
            throws InterruptedException {
        return change(
                person,
                joining(person, node, raft).put("leaves", old),
                "node " + node + " votes, node " + old + " has no vote");
    }

    private static ObjectNode joining(PersonOptions person, String node, @Nullable String raft) {
        ObjectNode body = person.body().put("joins", node);
        return raft == null ? body : body.put("raft", raft);
    }

    private int change(PersonOptions person, ObjectNode body, String done) throws InterruptedException {
        person.post("/v1/node-changes", body);
        spec.commandLine().getOut().println(done);
        spec.commandLine().getOut().flush();
        return 0;
    }
}
