package io.breakwater.controller.app;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.controller.api.cli.ControllerClient;
import io.breakwater.controller.api.cli.DrillCommand;
import io.breakwater.controller.runbook.steps.DrillReport;
import io.breakwater.controller.runbook.steps.JobDrill;
import io.breakwater.platform.AssetId;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.Flow;
import io.breakwater.platform.InvalidPlatformException;
import io.breakwater.platform.Json;
import io.breakwater.platform.Platform;
import io.breakwater.platform.PlatformFile;
import io.breakwater.platform.ProtectionGroup;
import io.breakwater.platform.Receipt;
import io.breakwater.platform.ReplicaPosition;
import io.breakwater.region.RegionClients;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code breakwater drill restore}: restores jobs for real in the standby, beside production, and takes them away. */
@Command(
        name = "restore",
        mixinStandardHelpOptions = true,
        description = {
            "Restores the Flink jobs of a group in its standby, beside production, and takes them away again.",
            "They write to topics, tables and transactional ids of the drill only, as the platform file says.",
            "Needs no controller, and holds up no failover.",
            "Exit code 0: restored, no trace is left, and recorded if asked for; 1: not so; 2: the drill was not run."
        })
public final class RestoreDrillCommand implements Callable<Integer> {

    private static final int NOT_PASSED = 1;
    private static final Duration RECEIPTS_LIMIT = Duration.ofSeconds(60);
    private static final long LOOK_SECONDS = 2;
    private static final Duration STORE_TIMEOUT = Duration.ofSeconds(10);

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(names = "--platform", required = true, paramLabel = "FILE", description = "The platform file.")
    @SuppressWarnings("NullAway.Init")
    private Path platformFile;

    @Option(names = "--group", required = true, paramLabel = "NAME", description = "A protection group.")
    @SuppressWarnings("NullAway.Init")
    private String groupName;

    @Option(
            names = "--job",
            paramLabel = "NAME",
            description = "One of its jobs. Without it: all, one after the other.")
    private Optional<String> job = Optional.empty();

    @Option(
            names = "--into",
            paramLabel = "REGION",
            description = "The region that is the standby now. Without it: the standby of the platform file.")
    private Optional<String> into = Optional.empty();

    @Option(
            names = "--run-for",
            paramLabel = "DURATION",
            defaultValue = "PT0S",
            description = "How long the restored job runs before it is ended, such as PT1M. Default: ${DEFAULT-VALUE}.")
    @SuppressWarnings("NullAway.Init")
    private Duration runFor;

    @Option(
            names = "--limit",
            paramLabel = "DURATION",
            defaultValue = "PT5M",
            description = "For a job's restore and its first checkpoint. Default: ${DEFAULT-VALUE}.")
    @SuppressWarnings("NullAway.Init")
    private Duration limit;

    @Option(
            names = "--clear",
            description = "Drills nothing; clears away what drills left that were cut off an hour ago or earlier.")
    private boolean clear;

    @ArgGroup(exclusive = false, heading = "To have the reports in the evidence log:%n")
    private @Nullable Recorder recorder;

    /** Who makes the reports entries of the evidence log. */
    private static final class Recorder {

        @Option(
                names = "--controller",
                required = true,
                paramLabel = "URL",
                description = "A controller node's REST API.")
        @SuppressWarnings("NullAway.Init")
        private URI controller;

        @Option(
                names = "--token-file",
                required = true,
                paramLabel = "FILE",
                description = "The token that writes need.")
        @SuppressWarnings("NullAway.Init")
        private Path tokenFile;
    }

    @Option(names = "--json", description = "Reports for programs, one a line.")
    private boolean json;

    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    /** With the drills that ask a controller. */
    static CommandLine commandLine() {
        CommandLine drill = DrillCommand.commandLine();
        drill.addSubcommand(new CommandLine(new RestoreDrillCommand())
                .setExecutionExceptionHandler(drill.getExecutionExceptionHandler()));
        return drill;
    }

    @Override
    public Integer call() throws InterruptedException {
        Platform platform = PlatformFile.load(platformFile);
        ProtectionGroup group = platform.group(groupName);
        String region = into.orElse(group.standby());
        if (!List.of(group.home(), group.standby()).contains(region)) {
            throw new InvalidPlatformException(List.of("--into " + region + ": group " + groupName + " is in "
                    + group.home() + " and " + group.standby()));
        }
        List<AssetSpec> jobs = group.assets(AssetSpec.FLINK_JOB).stream()
                .filter(asset -> job.map(asset.required("name")::equals).orElse(true))
                .toList();
        if (jobs.isEmpty()) {
            throw new InvalidPlatformException(
                    List.of("group " + groupName + " has no flink-job " + job.orElse("at all")));
        }
        PrintWriter out = spec.commandLine().getOut();
        try (RegionClients clients = new RegionClients(platform, STORE_TIMEOUT)) {
            JobDrill drill = new JobDrill(platform, clients, Clock.systemUTC(), groupName, region);
            boolean passed = clear
                    ? clear(drill, out)
                    : drill(drill, jobs, clients, new Flow(group.otherThan(region), region), out);
            return passed ? 0 : NOT_PASSED;
        } finally {
            out.flush();
        }
    }

    private static boolean clear(JobDrill drill, PrintWriter out) throws InterruptedException {
        Map<String, List<String>> left = drill.clear(Duration.ofHours(1));
        left.forEach((word, things) ->
                out.println(word + ": " + (things.isEmpty() ? "cleared away" : String.join("; ", things))));
        return left.values().stream().allMatch(List::isEmpty);
    }

    private boolean drill(JobDrill drill, List<AssetSpec> jobs, RegionClients clients, Flow flow, PrintWriter out)
            throws InterruptedException {
        boolean passed = true;
        try (ReceiptsFeed feed = new ReceiptsFeed(flow.to(), clients.kafka(flow.to()), Clock.systemUTC())) {
            feed.start();
            for (AssetSpec asset : jobs) {
                ReplicaPosition newest = newest(feed, flow, asset.required("name"));
                DrillReport report =
                        drill.run(asset, newest, limit, running -> TimeUnit.MILLISECONDS.sleep(runFor.toMillis()));
                boolean recorded = record(report);
                passed &= report.passed() && recorded;
                if (json) {
                    out.println(Json.MAPPER.valueToTree(report).toString());
                } else {
                    print(report, out);
                }
                out.flush();
            }
        }
        return passed;
    }

    /** @return false if it should have been recorded and is not: the drill itself is over, and its report is printed */
    private boolean record(DrillReport report) throws InterruptedException {
        Recorder asked = recorder;
        if (asked == null) {
            return true;
        }
        ObjectNode body = Json.MAPPER
                .createObjectNode()
                .put("kind", "restore")
                .put("group", groupName)
                .put("passed", report.passed());
        body.set("report", Json.MAPPER.valueToTree(report));
        try {
            DrillCommand.record(asked.controller, asked.tokenFile, body);
            return true;
        } catch (ControllerClient.ClientException e) {
            spec.commandLine()
                    .getErr()
                    .println("breakwater drill: the report is not in the evidence log: " + e.getMessage());
            return false;
        }
    }

    /** Of two looks that see the same: the first may have come while the feed was still reading. */
    private ReplicaPosition newest(ReceiptsFeed feed, Flow flow, String name) throws InterruptedException {
        AssetId asset = new AssetId(AssetSpec.FLINK_JOB, name);
        Instant deadline = Instant.now().plus(RECEIPTS_LIMIT);
        Optional<ReplicaPosition> last = Optional.empty();
        while (Instant.now().isBefore(deadline)) {
            Optional<ReplicaPosition> newest = feed.receipts().stream()
                    .filter(receipt -> receipt.group().equals(groupName)
                            && receipt.flow().equals(flow)
                            && receipt.asset().equals(asset))
                    .map(Receipt::position)
                    .filter(position -> position.location().isPresent())
                    .max(Comparator.comparing(ReplicaPosition::sourceTime));
            if (newest.isPresent() && newest.equals(last)) {
                return newest.get();
            }
            last = newest;
            TimeUnit.SECONDS.sleep(LOOK_SECONDS);
        }
        throw new IllegalStateException("no restorable snapshot of job " + name + " was announced in " + flow.to()
                + " within " + RECEIPTS_LIMIT + ": see the log of its Connect worker, and --into");
    }

    private static void print(DrillReport report, PrintWriter out) {
        out.println("job " + report.job() + " in " + report.region() + ", from snapshot " + report.snapshot() + " ("
                + report.snapshotAge().toSeconds() + " s old)");
        report.restored()
                .ifPresent(running -> out.println("  restored as " + running.jobId() + ", first checkpoint "
                        + running.toCheckpoint().toMillis() + " ms after its submission"));
        report.failure().ifPresent(why -> out.println("  FAILED: " + why));
        report.written().forEach((topic, end) -> out.println("  wrote " + topic + " up to " + end + " offsets"));
        report.removed().forEach(what -> out.println("  removed " + what));
        report.forgottenLater().forEach(id -> out.println("  Kafka forgets transactional id " + id + " by itself"));
        report.left().forEach(what -> out.println("  LEFT " + what));
        out.println(report.passed() ? "PASSED, no trace left" : "NOT PASSED");
    }
}
