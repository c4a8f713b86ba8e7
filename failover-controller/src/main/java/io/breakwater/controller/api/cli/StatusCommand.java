package io.breakwater.controller.api.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.cli.TextTable;
import java.io.PrintWriter;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code breakwater status}: groups and regions as a controller node knows them. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        description = {
            "Shows groups and regions as a controller node knows them.",
            "Exit code 0: every standby is ready; 1: one is not; 2: no answer.",
            "With --why: 0: the region is UP; 1: it is not."
        })
public final class StatusCommand implements Callable<Integer> {

    private static final int NOT_READY = 1;
    private static final int NO_ANSWER = 2;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(names = "--controller", required = true, paramLabel = "URL", description = "A controller node's REST API.")
    @SuppressWarnings("NullAway.Init")
    private URI controller;

    @Option(names = "--json", description = "The API's own answer, for programs.")
    private boolean json;

    @Option(names = "--why", paramLabel = "REGION", description = "Why this region is UP, DOWN or UNKNOWN.")
    private Optional<String> why = Optional.empty();

    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        return new CommandLine(new StatusCommand()).setExecutionExceptionHandler((failure, command, parsed) -> {
            command.getErr().println("breakwater status: " + failure.getMessage());
            return NO_ANSWER;
        });
    }

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        if (why.isPresent()) {
            return explain(why.get(), out);
        }
        JsonNode status = new ControllerClient(controller).get("/v1/status");
        if (json) {
            out.println(status.toPrettyString());
        } else {
            print(status, out);
        }
        out.flush();
        for (JsonNode group : status.path("groups")) {
            if (!group.path("ready").asBoolean()) {
                return NOT_READY;
            }
        }
        return 0;
    }

    private int explain(String region, PrintWriter out) throws InterruptedException {
        JsonNode explanation = new ControllerClient(controller)
                .get("/v1/regions/" + URLEncoder.encode(region, StandardCharsets.UTF_8) + "/explanation");
        out.print(
                json
                        ? explanation.toPrettyString() + "\n"
                        : explanation.path("text").asText());
        out.flush();
        return explanation.path("verdict").asText().equals("UP") ? 0 : NOT_READY;
    }

    private static void print(JsonNode status, PrintWriter out) {
        out.printf(
                Locale.ROOT,
                "node %s, leader %s, state of %s%n%n",
                status.path("node").asText(),
                status.path("leader").asText("unknown"),
                status.path("at").asText());
        JsonNode stopped = status.path("raft").path("stopped");
        if (stopped.isObject()) {
            out.printf(
                    Locale.ROOT,
                    "This node takes no part in consensus since %s (%s): %s. Remedy: %s.%n%n",
                    stopped.path("since").asText(),
                    stopped.path("cause").asText(),
                    stopped.path("why").asText(),
                    stopped.path("remedy").asText());
        }
        TextTable groups = new TextTable(
                "GROUP", "ACTIVE", "STANDBY", "EPOCH", "MODE", "INGRESS", "PIPELINE", "LAG", "READY", "OPERATION");
        status.path("groups")
                .properties()
                .forEach(entry -> groups.row(
                        entry.getKey(),
                        entry.getValue().path("active").asText(),
                        entry.getValue().path("standby").asText(),
                        entry.getValue().path("epoch").asText(),
                        entry.getValue().path("mode").asText("-"),
                        entry.getValue().path("ingress").asBoolean() ? "open" : "closed",
                        entry.getValue().path("pipeline").asBoolean() ? "open" : "closed",
                        seconds(entry.getValue().path("lagSeconds")),
                        entry.getValue().path("ready").asBoolean() ? "yes" : "NO",
                        entry.getValue().path("operation").asText("-").replace("null", "-")));
        groups.print(out);
        status.path("groups")
                .properties()
                .forEach(entry -> entry.getValue()
                        .path("notReady")
                        .forEach(why -> out.println("  " + entry.getKey() + " is not ready: " + why.asText())));
        status.path("groups").properties().forEach(entry -> fences(entry.getKey(), entry.getValue(), out));
        out.println();
        TextTable regions = new TextTable("REGION", "VERDICT", "VOTES", "SIGNALS OF THIS NODE");
        status.path("regions")
                .properties()
                .forEach(entry -> regions.row(
                        entry.getKey(),
                        entry.getValue().path("verdict").asText(),
                        votes(entry.getValue().path("votes")),
                        signals(entry.getValue().path("signals"))));
        regions.print(out);
    }

    /** The standby, where ACLs have to close it; an active region that is being left says its trouble too. */
    private static void fences(String name, JsonNode group, PrintWriter out) {
        group.path("fences").properties().forEach(fence -> {
            boolean standby = fence.getKey().equals(group.path("standby").asText());
            String trouble = fence.getValue().path("trouble").asText("");
            if (!fence.getValue().path("confirmed").asBoolean() && (standby || !trouble.isEmpty())) {
                out.println("  " + name + ": " + fence.getKey() + " is NOT known to be closed: "
                        + (trouble.isEmpty() ? "nobody has looked at its ACLs yet" : trouble));
            }
        });
    }

    static String seconds(JsonNode value) {
        return value.isNumber() ? String.format(Locale.ROOT, "%.1f s", value.asDouble()) : "unknown";
    }

    private static String votes(JsonNode votes) {
        List<String> texts = new ArrayList<>();
        votes.properties()
                .forEach(vote -> texts.add(vote.getKey() + " " + vote.getValue().asText()));
        return texts.isEmpty() ? "none" : String.join(", ", texts);
    }

    private static String signals(JsonNode signals) {
        List<String> texts = new ArrayList<>();
        signals.forEach(signal -> {
            if (!signal.path("counts").asBoolean()
                    && signal.path("verdict").asText().equals("UP")) {
                return;
            }
            String detail = signal.path("detail").asText();
            texts.add(signal.path("signal").asText() + " "
                    + signal.path("verdict").asText() + (signal.path("counts").asBoolean() ? "" : ", only shown")
                    + (detail.isEmpty() ? "" : " (" + detail + ")"));
        });
        return String.join(", ", texts);
    }
}
