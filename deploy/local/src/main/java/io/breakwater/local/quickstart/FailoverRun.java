package io.breakwater.local.quickstart;

import io.breakwater.local.LocalPlatform;
import io.breakwater.local.flights.WorkloadProcess;
import io.breakwater.local.journal.Journals;
import io.breakwater.local.outcome.Outcome;
import io.breakwater.local.outcome.OutcomeReader;
import io.breakwater.local.outcome.Served;
import io.breakwater.local.process.Progress;
import io.breakwater.local.process.ResidentMemory;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.platform.Flow;
import io.breakwater.platform.ProtectionGroup;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.KafkaException;

/** A failover by kill -9 of the home region, from the start of the platform until the workload works elsewhere. */
public final class FailoverRun implements AutoCloseable {

    public static final String GROUP = "flights";

    private static final Duration OPEN_LIMIT = Duration.ofMinutes(2);
    private static final Duration FIRST_WRITE_LIMIT = Duration.ofMinutes(1);
    private static final Duration WARM_LIMIT = Duration.ofMinutes(4);
    private static final Duration DECISION_LIMIT = Duration.ofMinutes(2);
    private static final Duration FAILOVER_LIMIT = Duration.ofMinutes(5);
    private static final int RECOVERY_POINTS = 2;
    private static final Duration POLL = Duration.ofMillis(200);
    /** Reading the journals takes a while, which the machine has better uses for just then. */
    private static final Duration POLL_OF_JOURNALS = Duration.ofSeconds(1);

    /**
     * @param directory for all files of the run; empty or absent
     * @param template the platform file with gaps
     * @param webPort of west's controller node; a free one if empty
     * @param rate events a second
     * @param warm how long everything runs before the kill, at least
     */
    public record Settings(Path directory, Path template, Optional<Integer> webPort, int rate, Duration warm) {

        /** Deletes what the servers stored; what tells about the run stays. */
        void deleteData() {
            for (String region : List.of(LocalPlatform.EAST, LocalPlatform.WEST)) {
                Path at = directory.resolve(region);
                List.of("kafka/data", "s3/objects", "flink/tmp", "replicator/data")
                        .forEach(data -> Directories.delete(at.resolve(data)));
            }
        }
    }

    private final ProjectLayout layout;
    private final Settings settings;
    private final Progress progress;
    private final Waiting waiting;
    private final LocalPlatform platform;
    private final WorkloadProcess workload;
    private final ControllerApi controllers;
    private final ResidentMemory memory;

    public FailoverRun(ProjectLayout layout, Settings settings, Progress progress) {
        this.layout = layout;
        this.settings = settings;
        this.progress = progress;
        this.waiting = new Waiting(progress, POLL);
        this.platform = new LocalPlatform(layout, settings.directory(), settings.template(), settings.webPort());
        this.workload = new WorkloadProcess(
                settings.directory().resolve("workload"),
                platform.files().platformFile(),
                settings.rate(),
                Optional.empty());
        this.controllers = new ControllerApi(List.of(
                platform.controller(LocalPlatform.WEST),
                platform.controller(LocalPlatform.WITNESS),
                platform.controller(LocalPlatform.EAST)));
        this.memory = new ResidentMemory(this::pids);
    }

    private List<Long> pids() {
        List<Long> pids = new ArrayList<>(platform.pids());
        workload.process().pids().forEach(pids::add);
        pids.add(ProcessHandle.current().pid());
        return pids;
    }

    LocalPlatform platform() {
        return platform;
    }

    ControllerApi controllers() {
        return controllers;
    }

    Waiting waiting() {
        return waiting;
    }

    ResidentMemory memory() {
        return memory;
    }

    WorkloadProcess workload() {
        return workload;
    }

    ProtectionGroup group() {
        return platform.platform().group(GROUP);
    }

    Journals journals() {
        return Journals.read(workload.journals());
    }

    /** Starts all servers, the job and the workload. */
    public void start() throws InterruptedException {
        platform.start(progress);
        waiting.until(
                "the home region to be opened",
                OPEN_LIMIT,
                this::state,
                () -> controllers.status().filter(status -> status.open(GROUP)));
        progress.line("group " + GROUP + " is open in " + group().home());
        new HomeJob(layout, platform, waiting).submit(group());
        progress.line("job runs in " + group().home());
        workload.start();
        workload.process().awaitReady(() -> !journals().acknowledged().isEmpty(), FIRST_WRITE_LIMIT, progress);
    }

    /** Where to look at it. */
    public void tellAddresses() {
        progress.line("page and API: " + platform.controller(LocalPlatform.WEST) + "/ (any other node: "
                + platform.controller(LocalPlatform.EAST) + "/, " + platform.controller(LocalPlatform.WITNESS) + "/)");
        for (String name : platform.platform().regions().keySet()) {
            progress.line(name + ": Kafka " + platform.region(name).kafka().bootstrap() + ", Flink "
                    + platform.region(name).flink().url() + ", S3 "
                    + platform.region(name).s3().endpoint());
        }
    }

    /** Lets the workload finish what it has begun, so that its journals are whole. */
    void endWorkload() throws InterruptedException {
        if (!workload.stop()) {
            throw new StoryFailedException("the workload did not end when asked, so its journals are not whole; see "
                    + settings.directory().resolve("workload").resolve("workload.log"));
        }
    }

    /** Compares what both regions hold; the workload has ended, and the killed region's stores are back. */
    Outcome outcome(Instant killed) throws InterruptedException {
        Flow flow = new Flow(group().home(), group().standby());
        try (OutcomeReader reader = new OutcomeReader(platform.platform(), GROUP, flow)) {
            return reader.read(workload.journals(), killed);
        } catch (IOException | KafkaException | IllegalStateException e) {
            throw new StoryFailedException("the outcome cannot be computed: " + e, e);
        }
    }

    private String state() {
        try {
            return controllers
                    .status()
                    .map(status -> status.readiness(GROUP))
                    .orElse("no controller node knows a leader");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        }
    }

    /** Lets it run for the set time, and until the standby is ready and has had two recovery points. */
    public void warmUp() throws InterruptedException {
        long began = System.nanoTime();
        Duration limit = settings.warm().plus(WARM_LIMIT);
        progress.line("running for " + settings.warm().toSeconds() + " s at " + settings.rate() + " events/s");
        waiting.until("two recovery points", limit, this::runningState, () -> {
            if (!workload.process().alive()) {
                throw new StoryFailedException("the workload has ended, see "
                        + settings.directory().resolve("workload").resolve("workload.log"));
            }
            boolean longEnough = System.nanoTime() - began > settings.warm().toNanos();
            return longEnough
                    ? controllers
                            .status()
                            .filter(status -> status.ready(GROUP) && status.recoveryPoints(GROUP) >= RECOVERY_POINTS)
                    : Optional.empty();
        });
        progress.line("ready: " + state());
    }

    private String runningState() {
        return "acknowledged " + journals().acknowledged().size() + ", " + state();
    }

    /** Kills the home region and follows what the controller does, until the workload works in the other region. */
    public Failover killAndFollow() throws InterruptedException {
        String home = group().home();
        String standby = group().standby();
        progress.line("kill -9 of all processes of " + home);
        Instant killed = platform.killRegion(home);
        String id = waiting.until(
                "the decision", DECISION_LIMIT, () -> verdicts(home), () -> controllers.latest("failover"));
        OperationView operation = followToItsEnd(id, killed);
        Instant serving = new Waiting(progress, POLL_OF_JOURNALS)
                .until(
                        "the workload in " + standby,
                        FAILOVER_LIMIT,
                        () -> Served.in(standby, journals()).toString(),
                        () -> Served.in(standby, journals()).all());
        return new Failover(killed, operation, serving);
    }

    private String verdicts(String region) {
        try {
            return controllers
                    .status()
                    .map(status -> region + " is " + status.verdict(region))
                    .orElse("no controller node knows a leader");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        }
    }

    /** Prints each step as it ends. */
    OperationView followToItsEnd(String id, Instant since) throws InterruptedException {
        Set<String> told = new HashSet<>();
        OperationView ended = waiting.until("operation " + id, FAILOVER_LIMIT, () -> "running", () -> {
            Optional<OperationView> now = controllers.operation(id);
            now.ifPresent(operation -> tell(operation, since, told));
            return now.filter(operation -> !operation.running());
        });
        if (!ended.succeeded()) {
            throw new StoryFailedException("operation " + ended.kind() + " " + id + " failed: " + ended.failure());
        }
        return ended;
    }

    private void tell(OperationView operation, Instant since, Set<String> told) {
        if (told.add("decided")) {
            operation
                    .decidedAt()
                    .ifPresent(at -> line(since, at, operation.kind() + " decided, epoch " + operation.epoch()));
        }
        for (OperationView.Step step : operation.steps()) {
            if (step.state().equals("failed") && told.add(step.name() + " attempt " + step.attempts())) {
                progress.line("  step " + step.name() + ", attempt " + step.attempts() + " failed: " + step.failure());
            }
            if (step.state().equals("done") && told.add(step.name())) {
                step.endedAt().ifPresent(at -> line(since, at, step.name()));
            }
        }
    }

    private void line(Instant since, Instant at, String what) {
        progress.line(String.format(java.util.Locale.ROOT, "  %+7.2f s  %s", Timeline.since(since, at), what));
    }

    @Override
    public void close() {
        workload.process().signalKill();
        platform.close();
        workload.close();
        memory.close();
    }
}
