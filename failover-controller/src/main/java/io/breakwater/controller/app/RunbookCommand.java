package io.breakwater.controller.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.cli.TextTable;
import io.breakwater.controller.api.cli.ControllerClient;
import io.breakwater.controller.runbook.Runbook;
import io.breakwater.controller.runbook.RunbookStep;
import io.breakwater.platform.HostPort;
import io.breakwater.platform.InvalidPlatformException;
import io.breakwater.platform.Json;
import io.breakwater.platform.Node;
import io.breakwater.platform.Platform;
import io.breakwater.platform.YamlFile;
import io.breakwater.region.RegionClients;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code breakwater runbook}: checks runbooks, and says what one would do. */
@Command(
        name = "runbook",
        mixinStandardHelpOptions = true,
        description = "Checks runbooks before a controller starts with them, and says what one would do.")
public final class RunbookCommand implements Runnable {

    private static final int WRONG = 1;
    private static final int NOT_RUN = 2;
    private static final String SUFFIX = ".yaml";

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        return new CommandLine(new RunbookCommand()).setExecutionExceptionHandler((failure, command, parsed) -> {
            command.getErr().println("breakwater runbook: " + failure.getMessage());
            return NOT_RUN;
        });
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "a subcommand is needed: lint, dry-run");
    }

    @Command(
            name = "lint",
            mixinStandardHelpOptions = true,
            description = {
                "Checks runbooks: keys, steps, their settings, and an order that is safe.",
                "Exit code 0: all are right; 1: one is wrong."
            })
    int lint(
            @Parameters(arity = "1..*", paramLabel = "FILE", description = "A runbook, <kind>.yaml.")
                    List<Path> files) {
        PrintWriter out = spec.commandLine().getOut();
        int code = 0;
        Platform none = nobodys();
        try (RegionClients clients = new RegionClients(none, Duration.ofSeconds(1))) {
            Map<String, RunbookStep> steps = StandardSteps.of(none, clients, Clock.systemUTC());
            for (Path file : files) {
                try {
                    Runbook runbook = load(file, steps);
                    out.println(file + ": right, " + runbook.steps().size() + " steps, at most " + runbook.longest());
                } catch (InvalidPlatformException e) {
                    e.wrong().forEach(out::println);
                    code = WRONG;
                }
            }
        }
        out.flush();
        return code;
    }

    private static Runbook load(Path file, Map<String, RunbookStep> steps) {
        String name = String.valueOf(file.getFileName());
        if (!name.endsWith(SUFFIX)) {
            throw new InvalidPlatformException(List.of(file + ": the name of a runbook ends with " + SUFFIX));
        }
        Path directory = file.toAbsolutePath().getParent();
        return Runbook.load(
                directory == null ? Path.of("/") : directory,
                name.substring(0, name.length() - SUFFIX.length()),
                steps);
    }

    /** The steps' checks look at no platform. */
    private static Platform nobodys() {
        HostPort nowhere = new HostPort("127.0.0.1", 1);
        Node node = new Node("none", Optional.empty(), nowhere, nowhere);
        return new Platform("none", List.of(node), new TreeMap<>(), new TreeMap<>());
    }

    @Command(
            name = "dry-run",
            mixinStandardHelpOptions = true,
            description = {
                "Asks a running controller what each step of a runbook would do for a group now. Changes nothing.",
                "Exit code 0: it says so; 2: it does not, or the runbook is wrong."
            })
    int dryRun(
            @Parameters(paramLabel = "FILE", description = "A runbook.") Path file,
            @Option(names = "--group", required = true, paramLabel = "NAME", description = "A protection group.")
                    String group,
            @Option(
                            names = "--controller",
                            required = true,
                            paramLabel = "URL",
                            description = "A controller node's REST API.")
                    URI controller)
            throws InterruptedException {
        ObjectNode request = Json.MAPPER.createObjectNode().put("group", group);
        request.set("runbook", YamlFile.read(file, "runbook", JsonNode.class));
        JsonNode answer = new ControllerClient(controller).post("/v1/runbooks/dry-runs", request);
        TextTable table = new TextTable("STEP", "TIMEOUT", "THEN", "WOULD");
        answer.path("steps")
                .forEach(step -> table.row(
                        step.path("name").asText(),
                        step.path("timeoutSeconds").asText() + " s",
                        step.path("onFailure").asText(),
                        step.path("would").asText()));
        PrintWriter out = spec.commandLine().getOut();
        table.print(out);
        out.flush();
        return 0;
    }
}
