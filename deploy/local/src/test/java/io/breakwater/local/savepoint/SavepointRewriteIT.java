package io.breakwater.local.savepoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.controller.core.FencedJob;
import io.breakwater.controller.runbook.StepOutcome;
import io.breakwater.controller.runbook.steps.DrillReport;
import io.breakwater.controller.runbook.steps.JobDrill;
import io.breakwater.controller.runbook.steps.RestoreJobsStep;
import io.breakwater.controller.runbook.steps.RestoredJob;
import io.breakwater.controller.runbook.steps.ReturnedJobs;
import io.breakwater.local.job.AirportDelays;
import io.breakwater.local.server.Principal;
import io.breakwater.platform.AssetId;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.Flow;
import io.breakwater.platform.Json;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.Platform;
import io.breakwater.platform.Receipt;
import io.breakwater.platform.RecoveryPoint;
import io.breakwater.platform.ReplicaPosition;
import io.breakwater.region.FlinkRest;
import io.breakwater.region.FlinkRest.Job;
import io.breakwater.region.FlinkRest.Submission;
import io.breakwater.region.KafkaSettings;
import io.breakwater.region.MirroredThrough;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.RegionClients;
import io.breakwater.replicator.FlowConfig;
import io.breakwater.replicator.flink.SavepointMirrorTask;
import io.breakwater.replicator.flink.snapshot.Snapshot;
import io.breakwater.verification.VerificationRequest;
import io.breakwater.verification.VerificationResult;
import io.breakwater.verification.flink.SnapshotVerifier;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.connect.source.SourceRecord;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * A job with keyed state and an exactly-once sink moves to a cluster whose offsets are others: its state there must
 * hold each event once. Other ways to take a snapshot follow, and the same without rewritten positions, which shows that
 * the check can fail; {@link SavepointMatrixIT} has all of them.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SavepointRewriteIT {

    private static final Flow FLOW = new Flow("east", "west");
    private static final AssetId JOB = new AssetId("flink-job", TwoClusters.JOB);
    private static final long SEED = 20261122;
    private static final int EVENTS_AFTER_SAVEPOINT = 1_000;
    private static final int SLOTS = 16;
    private static final int JOBS_AT_A_TIME = 4;
    private static final int JOBS_BY_ARCHIVE = 2;

    private TwoClusters clusters;
    private RegionClients clients;
    private FlinkRest flink;
    private AirportInput input;
    private List<Receipt> receipts;
    private Set<String> heldForTable = Set.of();
    private Set<String> announcedWithoutTable = Set.of();
    private final List<Thread> threads = new ArrayList<>();

    /** East runs the job, its savepoints are mirrored, then input, mirror and the job on east end. */
    @BeforeAll
    void leaveEast(@TempDir Path directory) throws Exception {
        clusters = new TwoClusters(directory, SLOTS);
        clusters.start();
        clients = new RegionClients(clusters.platform(), Duration.ofSeconds(30));
        flink = clients.flink("east");
        input = new AirportInput(clusters.east().client(Principal.APP), TwoClusters.INPUT);
        Thread producer = run(input);
        Thread mirror = run(new ShiftingMirror(
                clusters.east().client(Principal.MIRROR),
                clusters.west().client(Principal.MIRROR),
                TwoClusters.partitions(),
                clusters.eastClusterId(),
                SEED));
        submitOnEast();
        receipts = mirrorUntil(2, LateTable.on(clusters, clients.objectStore("east")));
        long atSavepoint = newest().inputs().ends().values().stream()
                .mapToLong(Long::longValue)
                .sum();
        await().atMost(Duration.ofMinutes(1)).until(() -> input.events() > atSavepoint + EVENTS_AFTER_SAVEPOINT);
        stop(producer);
        awaitMirrored();
        stop(mirror);
    }

    @BeforeEach
    void endJobs() throws InterruptedException {
        for (Job job : runningJobs()) {
            flink.cancel(job.id());
        }
        await().atMost(Duration.ofMinutes(1)).until(() -> runningJobs().isEmpty());
    }

    @AfterAll
    void end() throws InterruptedException {
        for (Thread thread : threads) {
            stop(thread);
        }
        clients.close();
        clusters.close();
    }

    @Test
    void theJobGoesOnWithEachEventAppliedOnce() throws Exception {
        RestoreJobsStep step = new RestoreJobsStep(clients);
        try (JobOutput output = output()) {
            RestoredJob restored = restoredBy(step.run(context(receipts, newest())));

            assertThat(restored.restoredFrom()).isEqualTo(newest().location().orElseThrow());
            assertThat(restored.passedOver()).isEmpty();
            awaitApplied(output);
            assertThat(output.newest()).isEqualTo(input.expected());
            RestoredJob again = restoredBy(step.run(context(receipts, newest())));
            assertThat(again.jobId()).isEqualTo(restored.jobId());
            assertThat(runningJobs()).hasSize(1);
        }
    }

    @Test
    void unusableSavepointsArePassedOverForTheNextOlderOne() throws Exception {
        ReplicaPosition torn = torn(newest());
        ReplicaPosition gone = ReplicaPosition.ofWriter(
                newest().sourceTime().plusMillis(1),
                newest().inputs(),
                "gone",
                newest().location().orElseThrow() + "-gone");
        Receipt older = receipts.get(0);
        List<Receipt> announced = List.of(older, new Receipt(older.group(), JOB, FLOW, torn, Instant.now()));
        try (JobOutput output = output()) {
            RestoredJob restored = restoredBy(new RestoreJobsStep(clients).run(context(announced, gone)));

            assertThat(restored.restoredFrom())
                    .isEqualTo(older.position().location().orElseThrow());
            assertThat(restored.passedOver()).hasSize(2);
            assertThat(restored.passedOver().get(0)).contains("snapshot gone");
            assertThat(restored.passedOver().get(1)).contains("snapshot torn", "job failed after submission");
            awaitApplied(output);
            assertThat(output.newest()).isEqualTo(input.expected());
        }
    }

    @Test
    void olderSavepointsAreNotTriedWherePolicyForbidsIt() throws Exception {
        Platform one = clusters.platform(Map.of("restore", Map.of("older", 1)));
        ReplicaPosition torn = torn(newest());
        List<Receipt> announced = List.of(receipts.get(0), new Receipt("flights", JOB, FLOW, torn, Instant.now()));
        ReplicaPosition gone = ReplicaPosition.ofWriter(
                torn.sourceTime().plusMillis(1),
                torn.inputs(),
                "gone",
                newest().location().orElseThrow() + "-gone");
        RestoreContext context = context(announced, gone);

        StepOutcome outcome = new RestoreJobsStep(clients)
                .run(new RestoreContext(one, FLOW, context.epoch(), announced, context.point()));

        assertThat(outcome)
                .isInstanceOfSatisfying(
                        StepOutcome.Failed.class,
                        failed -> assertThat(failed.reason())
                                .contains("job delay-by-airport was not restored", "snapshot gone", "snapshot torn")
                                .contains("1 older snapshots are not tried: restore.older is 1; raise it"));
        assertThat(runningJobs()).isEmpty();
    }

    @Test
    void aJobThatCommitsInTheRegionThatWasLeftIsEndedAndItsCheckpointKept() throws Exception {
        submitOnEast();
        ReturnedJobs returned =
                new ReturnedJobs(clusters.platform(), clients, "flights", FLOW.from(), Clock.systemUTC());
        Job job = runningJobs().get(0);
        await().atMost(Duration.ofMinutes(1)).until(() -> completed(job.id()) > 0);
        assertThat(returned.running().ifOk().orElseThrow()).extracting(Job::id).containsExactly(job.id());

        ReturnedJobs.Outcome outcome = returned.end(job);

        int completed = completed(job.id());
        FencedJob ended = ((ReturnedJobs.Outcome.Ended) outcome).job();
        assertThat(ended.jobId()).isEqualTo(job.id());
        assertThat(ended.snapshot())
                .hasValueSatisfying(place -> assertThat(place).contains(job.id() + "/chk-"));
        assertThat(ended.kept()).isEqualTo(FencedJob.Kept.kept);
        assertThat(returned.running().ifOk().orElseThrow()).isEmpty();
        assertThat(returned.end(job)).isInstanceOf(ReturnedJobs.Outcome.Ended.class);
        assertThat(completed(job.id())).isEqualTo(completed);
    }

    @Test
    @Tag("full")
    void aDrillRestoresBesideProductionAndLeavesNoTrace() throws Exception {
        submitOnEast();
        Job production = runningJobs().get(0);
        await().atMost(Duration.ofMinutes(1)).until(() -> completed(production.id()) > 0);
        Platform platform = clusters.platform(DrilledJob.settings(clusters));
        DrilledJob before = DrilledJob.world(clusters, clients.objectStore("west"));
        List<DrillReport.Running> seen = new ArrayList<>();

        DrillReport report = new JobDrill(platform, clients, Clock.systemUTC(), "flights", FLOW.to())
                .run(platform.group("flights").assets("flink-job").get(0), newest(), Duration.ofMinutes(2), running -> {
                    seen.add(running);
                    try (JobOutput output = new JobOutput(
                            clusters.west().client(Principal.ADMIN),
                            running.topics().get(0),
                            TwoClusters.PARTITIONS)) {
                        awaitApplied(output);
                        assertThat(output.newest()).isEqualTo(input.expected());
                    }
                });

        assertThat(report.passed()).as(report.toString()).isTrue();
        assertThat(report.written().values())
                .singleElement()
                .satisfies(end -> assertThat(end).isPositive());
        assertThat(DrilledJob.world(clusters, clients.objectStore("west"))).isEqualTo(before);
        assertThat(runningJobs()).singleElement().satisfies(job -> {
            assertThat(job.id()).isEqualTo(production.id());
            assertThat(job.state()).isEqualTo("RUNNING");
        });
        assertThat(flink.exceptions(production.id()).ifOk()).contains(List.of());
        assertThat(seen)
                .singleElement()
                .satisfies(running -> assertThat(running.jobId()).startsWith("d4111000"));
    }

    @Test
    @Tag("full")
    void theCommandDrillsFromTheNewestSnapshotThatWasAnnounced() throws Exception {
        DrilledJob before = DrilledJob.world(clusters, clients.objectStore("west"));
        DrilledJob.announce(clusters, receipts.get(receipts.size() - 1));

        JsonNode told = DrilledJob.byCommand(clusters, 0);

        assertThat(told.path("location").asText()).isEqualTo(newest().location().orElseThrow());
        assertThat(told.path("restored").path("jobId").asText()).startsWith("d4111000");
        assertThat(told.path("left")).isEmpty();
        assertThat(DrilledJob.world(clusters, clients.objectStore("west"))).isEqualTo(before);
    }

    @Test
    @Tag("full")
    void aDrillOfASnapshotThatCannotBeRestoredSaysWhyAndLeavesNoTrace() throws Exception {
        ReplicaPosition torn = torn(newest());
        DrilledJob before = DrilledJob.world(clusters, clients.objectStore("west"));
        Set<String> openBefore = DrilledJob.openTransactions(clusters); // of jobs of other tests
        DrilledJob.announce(clusters, new Receipt("flights", JOB, FLOW, torn, Instant.now()));

        JsonNode told = DrilledJob.byCommand(clusters, 1);

        assertThat(told.path("location").asText()).isEqualTo(torn.location().orElseThrow());
        assertThat(told.path("restored").isNull()).isTrue();
        assertThat(told.path("failure").asText()).contains("job failed after submission");
        assertThat(told.path("left")).isEmpty();
        assertThat(DrilledJob.world(clusters, clients.objectStore("west"))).isEqualTo(before);
        assertThat(DrilledJob.openTransactions(clusters)).isSubsetOf(openBefore);
        assertThat(runningJobs()).isEmpty();
    }

    private int completed(String jobId) throws InterruptedException {
        return flink.checkpoints(jobId)
                .ifOk()
                .map(FlinkRest.Checkpoints::completedCount)
                .orElse(0);
    }

    @Test
    void otherSnapshotsGoOnToo() throws Exception {
        String jar = flink.upload(clusters.jar()).ifOk().orElseThrow();
        try (Convoy convoy =
                new Convoy(clusters, clients.objectStore("west"), flink, jar, JOBS_AT_A_TIME, JOBS_BY_ARCHIVE)) {
            Convoy.Arrived arrived =
                    convoy.move(Stream.concat(MatrixCase.pairs().stream(), Stream.of(MatrixCase.CONTROL))
                            .toList());

            SoftAssertions each = new SoftAssertions();
            for (MatrixCase move : MatrixCase.pairs()) {
                each.assertThatCode(() -> assertThat(arrived.outcome(move)).isEqualTo(arrived.expected()))
                        .as(move.toString())
                        .doesNotThrowAnyException();
            }
            each.assertAll();
            assertThat(arrived.outcome(MatrixCase.CONTROL).values().stream()
                            .mapToLong(AirportDelays::duplicates)
                            .sum())
                    .as("applied twice without rewriting")
                    .isPositive();
        }
    }

    @Test
    void theFirstSnapshotWaitedForTheTableOfItsJob() {
        assertThat(heldForTable).hasSize(1);
        assertThat(announcedWithoutTable).isEmpty();
        assertThat(heldForTable).contains(receipts.get(0).position().version().orElseThrow());
    }

    @Test
    void theSavepointsOnTheStandbyAreWholeAndHaveFiles() {
        for (Receipt receipt : receipts) {
            VerificationResult result = new SnapshotVerifier().verify(request(receipt.position()));

            assertThat(result)
                    .isInstanceOfSatisfying(
                            VerificationResult.Verified.class,
                            verified -> assertThat(
                                            verified.figures().path("files").asInt())
                                    .isPositive());
        }
    }

    private ReplicaPosition newest() {
        return receipts.get(receipts.size() - 1).position();
    }

    private void submitOnEast() throws Exception {
        String arguments = clusters.arguments()
                .replace("{bootstrap}", clusters.east().bootstrap())
                .replace("{region}", "east")
                .replace("{epoch}", "1");
        String jar = flink.upload(clusters.jar()).ifOk().orElseThrow();
        Submission submission =
                Submission.fresh("io.breakwater.local.job.DelayByAirportJob", 2, Arrays.asList(arguments.split(" ")));
        assertThat(flink.run(jar, submission).ifOk()).isPresent();
    }

    /**
     * Runs the connector's task, as Connect would, until it has announced so many snapshots; the table comes to west when
     * the first one could be restored but for that.
     */
    private List<Receipt> mirrorUntil(int snapshots, LateTable table) throws Exception {
        SavepointMirrorTask task = new SavepointMirrorTask();
        task.start(FlowConfig.settings(table.platformFile(), "flights", FLOW));
        Map<String, Receipt> receipts = new TreeMap<>();
        try {
            await().atMost(Duration.ofMinutes(4)).until(() -> {
                poll(task, receipts);
                return !shelf().isEmpty();
            });
            String job = runningJobs().get(0).id();
            int copied = completed(job);
            // Without the table the second one would do, and some seconds for what follows.
            await().atMost(Duration.ofMinutes(1)).until(() -> {
                poll(task, receipts);
                return completed(job) > copied + 4;
            });
            heldForTable = shelf();
            announcedWithoutTable = Set.copyOf(receipts.keySet());
            table.carry(FLOW);
            await().atMost(Duration.ofMinutes(4)).until(() -> {
                poll(task, receipts);
                return receipts.size() >= snapshots;
            });
        } finally {
            task.stop();
        }
        return List.copyOf(receipts.values());
    }

    /** The snapshots of which there is something on west. */
    private Set<String> shelf() {
        String place = "breakwater/flights/" + TwoClusters.JOB + "/";
        return clients.objectStore("west").list(ObjectUri.parse("s3://flink-west/" + place)).stream()
                .map(object -> object.uri().key().substring(place.length()).split("/", 2)[0])
                .collect(Collectors.toSet());
    }

    private static void poll(SavepointMirrorTask task, Map<String, Receipt> receipts) throws InterruptedException {
        List<SourceRecord> records = task.poll();
        for (SourceRecord record : records == null ? List.<SourceRecord>of() : records) {
            Receipt receipt = Receipt.fromJson((byte[]) record.value());
            receipts.put(receipt.position().version().orElseThrow(), receipt);
        }
    }

    private void awaitMirrored() {
        List<PartitionKey> keys = TwoClusters.partitions().stream()
                .filter(partition -> partition.topic().equals(TwoClusters.INPUT))
                .map(partition -> new PartitionKey(partition.topic(), partition.partition()))
                .toList();
        try (MirroredThrough through = new MirroredThrough(
                KafkaSettings.mirror(clusters.east().cluster()),
                KafkaSettings.mirror(clusters.west().cluster()))) {
            await().atMost(Duration.ofMinutes(2))
                    .until(() -> through.read(keys).through().ends().values().stream()
                                    .mapToLong(Long::longValue)
                                    .sum()
                            == input.events());
        }
    }

    private void awaitApplied(JobOutput output) {
        await().atMost(Duration.ofMinutes(2))
                .until(() -> output.newest().values().stream()
                                .mapToLong(delays -> delays.events() + delays.duplicates())
                                .sum()
                        >= input.events());
    }

    private JobOutput output() {
        return new JobOutput(clusters.west().client(Principal.APP), TwoClusters.OUTPUT, TwoClusters.PARTITIONS);
    }

    private RestoreContext context(List<Receipt> receipts, ReplicaPosition position) {
        RecoveryPoint point = new RecoveryPoint(
                "flights", FLOW, position.sourceTime(), position.inputs(), new TreeMap<>(Map.of(JOB, position)));
        return new RestoreContext(clusters.platform(), FLOW, new Epoch(2), receipts, point);
    }

    private static RestoredJob restoredBy(StepOutcome outcome) throws Exception {
        assertThat(outcome).isInstanceOf(StepOutcome.Done.class);
        return Json.MAPPER
                .treeToValue(((StepOutcome.Done) outcome).detail(), RestoredJob.All.class)
                .jobs()
                .get(0);
    }

    private List<Job> runningJobs() throws InterruptedException {
        return flink.jobs().ifOk().orElseThrow().stream()
                .filter(job -> !job.terminal())
                .toList();
    }

    /** A copy with all its files, in which there is nothing of what was written. */
    private ReplicaPosition torn(ReplicaPosition position) {
        ObjectStore west = clients.objectStore("west");
        ObjectUri from = ObjectUri.parse(position.location().orElseThrow());
        ObjectUri to = ObjectUri.parse(from + "-torn");
        Snapshot snapshot =
                Snapshot.open(from, west.get(from.resolve(Snapshot.METADATA)).orElseThrow(), west::get);
        snapshot.files().forEach(file -> west.put(to.resolve(file.name()), new byte[Math.toIntExact(file.size())]));
        west.put(to.resolve(Snapshot.METADATA), snapshot.relocated(to));
        return ReplicaPosition.ofWriter(position.sourceTime(), position.inputs(), "torn", to.toString());
    }

    private VerificationRequest request(ReplicaPosition position) {
        return new VerificationRequest(
                clusters.platform(),
                clients,
                "flights",
                FLOW,
                JOB,
                clusters.platform().group("flights").assets("flink-job").get(0),
                position,
                false);
    }

    private Thread run(Runnable work) {
        Thread thread = new Thread(work, work.getClass().getSimpleName());
        threads.add(thread);
        thread.start();
        return thread;
    }

    private static void stop(Thread thread) throws InterruptedException {
        thread.interrupt();
        thread.join(Duration.ofSeconds(30).toMillis());
        assertThat(thread.isAlive()).isFalse();
    }
}
