package io.breakwater.controller.api.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.cli.TextTable;
import io.breakwater.platform.Json;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code breakwater drill}: what a failover would do now; as far as a controller is asked. */
@Command(
        name = "drill",
        mixinStandardHelpOptions = true,
        description = "Finds out what a failover would do now, without one.")
public final class DrillCommand implements Runnable {

    private static final int NOT_READY = 1;
    private static final int NOT_RUN = 2;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    /** Others add the drills that need more than a controller. */
    public static CommandLine commandLine() {
        return new CommandLine(new DrillCommand()).setExecutionExceptionHandler((failure, command, parsed) -> {
            command.getErr().println("breakwater drill: " + failure.getMessage());
            return NOT_RUN;
        });
    }

    /**
     * Has a controller record the report of a drill that ran without it.
     *
     * @return the id of its entry in the evidence log
     * @throws ControllerClient.ClientException if it is not recorded
     */
    public static String record(URI controller, Path tokenFile, ObjectNode report) throws InterruptedException {
        return new ControllerClient(controller)
                .post("/v1/drill-reports", report, PersonOptions.token(tokenFile))
                .path("id")
                .asText();
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "a subcommand is needed: readiness, restore");
    }

    @Command(
            name = "readiness",
            mixinStandardHelpOptions = true,
            description = {
                "Checks everything that a failover of a group needs; changes nothing.",
                "Exit code 0: ready; 1: not ready; 2: the drill was not run."
            })
    int readiness(
            @Option(names = "--group", required = true, paramLabel = "NAME", description = "A protection group.")
                    String group,
            @Option(
                            names = "--controller",
                            required = true,
                            paramLabel = "URL",
                            description = "A controller node's REST API.")
                    URI controller,
            @Option(
                            names = "--token-file",
                            required = true,
                            paramLabel = "FILE",
                            description = "The token that writes need.")
                    Path tokenFile,
            @Option(names = "--json", description = "The API's own answer, for programs.") boolean json)
            throws InterruptedException {
        ObjectNode request =
                Json.MAPPER.createObjectNode().put("kind", "readiness").put("group", group);
        JsonNode report = new ControllerClient(controller).post("/v1/drills", request, PersonOptions.token(tokenFile));
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(report.toPrettyString());
        } else {
            print(report, out);
        }
        out.flush();
        return report.path("ready").asBoolean() ? 0 : NOT_READY;
    }

    private static void print(JsonNode report, PrintWriter out) {
        TextTable checks = new TextTable("CHECK", "PASSED", "WHAT WAS FOUND");
        report.path("checks")
                .forEach(check -> checks.row(
                        check.path("name").asText(),
                        check.path("passed").asBoolean() ? "yes" : "NO",
                        check.path("detail").asText()));
        checks.print(out);
        out.println();
        out.printf(
                Locale.ROOT,
                "group %s, epoch %s: a failover would go from %s to %s%n",
                report.path("group").asText(),
                report.path("epoch").asText(),
                report.path("from").asText(),
                report.path("to").asText());
        out.printf(
                Locale.ROOT,
                "RTO  %s (%s)%nRPO  %s (%s)%n",
                StatusCommand.seconds(report.path("estimatedRtoSeconds")),
                report.path("estimatedRtoNote").asText(),
                StatusCommand.seconds(report.path("currentRpoSeconds")),
                report.path("currentRpoNote").asText());
        out.println(report.path("ready").asBoolean() ? "READY" : "NOT READY");
    }
}
