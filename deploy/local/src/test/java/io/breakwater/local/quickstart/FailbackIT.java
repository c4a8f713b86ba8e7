package io.breakwater.local.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.breakwater.controller.runbook.steps.EarlierSnapshots;
import io.breakwater.evidence.DirectoryFiles;
import io.breakwater.evidence.EvidenceAudit;
import io.breakwater.evidence.VerifierKey;
import io.breakwater.local.LocalPlatform;
import io.breakwater.local.LocalRegion;
import io.breakwater.local.journal.Journals;
import io.breakwater.local.outcome.BackHome;
import io.breakwater.local.process.ProgramRun;
import io.breakwater.local.process.Progress;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.local.server.Server;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.Flow;
import io.breakwater.platform.Json;
import io.breakwater.platform.Region.ObjectStoreSite;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.S3ObjectStore;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The whole platform goes away with a loss, as the quickstart tells, and then comes home, planned: topics, the group, the
 * table and the job. The job's output is derived, so it is held at its gate in both directions. At home again, the job is
 * drilled in the closed standby, and what the first flow had brought there is deleted. Takes about eight minutes and 6 GB
 * of memory.
 */
@Tag("full")
class FailbackIT {

    private static final Progress PROGRESS = Progress.to(System.out);
    private static final Flow AWAY = new Flow(LocalPlatform.EAST, LocalPlatform.WEST);
    private static final String OUTPUTS = "        outputs: \"flights.delays\"\n";
    private static final String DERIVED = OUTPUTS + "        derived: {topics: \"flights.delays\", hold: PT2M}\n";
    private static final String EVERY = "snapshot: {every: PT10S}";
    private static final String EARLIER = "snapshot: {every: PT10S, earlier: PT90S}";
    private static final String JOB = "delay-by-airport";
    private static final Duration STORE_TIMEOUT = Duration.ofSeconds(10);
    private static final int CREATED = 2;

    private final ProjectLayout layout = ProjectLayout.find();
    private String refusal = "";

    @Test
    void thePlatformComesHomeWithEachEventCountedOnce(@TempDir Path directory) throws Exception {
        String template = Files.readString(layout.root().resolve("deploy/local/platform.yaml"));
        assertThat(template).contains(OUTPUTS, EVERY);
        FailoverRun.Settings settings = new FailoverRun.Settings(
                directory.resolve("platform"),
                Files.writeString(
                        directory.resolve("platform.yaml"),
                        template.replace(OUTPUTS, DERIVED).replace(EVERY, EARLIER)),
                Optional.empty(),
                1_000,
                Duration.ofSeconds(20));
        try (FailoverRun run = new FailoverRun(layout, settings, PROGRESS)) {
            run.start();
            run.warmUp();
            Failover failover = run.killAndFollow();
            OperationView away = run.controllers()
                    .latest("failover")
                    .flatMap(id -> view(run, id))
                    .orElseThrow();
            returnHome(run, failover.killed());

            Instant asked = Instant.now();
            OperationView back = run.followToItsEnd(failback(run), asked);
            awaitWorkAtHome(run, asked);
            theJobIsDrilled(run, directory);
            awaitEarlierSnapshotsDeleted(run);
            assertThat(evidenceKinds(run, directory)).contains("drill", "snapshots-deleted");
            run.endWorkload();

            assertWhatHomeHas(run);
            assertGoesOn(run, AWAY.to(), away);
            assertGoesOn(run, AWAY.from(), back);
        }
    }

    private static Optional<OperationView> view(FailoverRun run, String id) {
        try {
            return run.controllers().operation(id);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    /** All of its servers; then the ledger is made, and all flows back. */
    private static void returnHome(FailoverRun run, Instant killed) throws InterruptedException {
        LocalRegion home = run.platform().region(AWAY.from());
        for (Server server : home.servers()) {
            server.launch();
        }
        for (Server server : home.servers()) {
            server.awaitReady(PROGRESS);
        }
        new ReturnedHome(run, PROGRESS).awaitLedger(killed);
        waiting()
                .until(() -> run.controllers()
                        .status()
                        .filter(status ->
                                status.ready(FailoverRun.GROUP) && status.recoveryPoints(FailoverRun.GROUP) > 0)
                        .isPresent());
        PROGRESS.line("home is ready to be the active region again");
    }

    /** @return the operation's id */
    private String failback(FailoverRun run) {
        return waiting()
                .conditionEvaluationListener(condition -> PROGRESS.line("asked for failback: " + refusal))
                .until(() -> request(run), Optional::isPresent)
                .orElseThrow();
    }

    private Optional<String> request(FailoverRun run) throws IOException, InterruptedException {
        String body = JsonNodeFactory.instance
                .objectNode()
                .put("kind", "failback")
                .put("group", FailoverRun.GROUP)
                .put("requestedBy", "ada")
                .put("reason", "home is back")
                .toString();
        URI operations = run.platform().controller(LocalPlatform.WITNESS).resolve("/v1/operations");
        HttpRequest request = HttpRequest.newBuilder(operations)
                .header(
                        "Authorization",
                        "Bearer "
                                + Files.readString(run.platform().files().tokenFile())
                                        .strip())
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body))
                .build();
        HttpResponse<String> answer = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
        refusal = answer.statusCode() + " " + answer.body();
        return answer.statusCode() / 100 == CREATED
                ? Optional.of(Json.MAPPER.readTree(answer.body()).path("id").asText())
                : Optional.empty();
    }

    /** In a standby that is closed to its own principal. */
    private void theJobIsDrilled(FailoverRun run, Path directory) throws Exception {
        ProgramRun drill = ProgramRun.of(
                directory,
                Map.of("JAVA_HOME", System.getProperty("java.home")),
                layout.launcher(),
                "drill",
                "restore",
                "--platform=" + run.platform().files().platformFile(),
                "--group=" + FailoverRun.GROUP,
                "--controller=" + run.platform().controller(LocalPlatform.WITNESS),
                "--token-file=" + run.platform().files().tokenFile());
        PROGRESS.line(drill.output());
        assertThat(drill.exitCode()).as(drill.output()).isZero();
        assertThat(drill.output()).contains("PASSED, no trace left");
    }

    private static void awaitEarlierSnapshotsDeleted(FailoverRun run) {
        ObjectStoreSite site = run.platform().platform().region(AWAY.to()).objectStore();
        try (ObjectStore store = S3ObjectStore.connect(site, STORE_TIMEOUT)) {
            ObjectUri first = new EarlierSnapshots(store, site, FailoverRun.GROUP).place(JOB, Epoch.FIRST);
            waiting().until(() -> store.list(first.resolve("")).isEmpty());
        }
    }

    private Set<String> evidenceKinds(FailoverRun run, Path directory) throws Exception {
        EvidenceCopy.Audited audited = new EvidenceCopy(layout, directory).take(run.platform(), LocalPlatform.WITNESS);
        List<String> entries = new ArrayList<>();
        EvidenceAudit.verify(
                new DirectoryFiles(audited.directory()), VerifierKey.load(audited.vkeyFile()), entries::add);
        Set<String> kinds = new TreeSet<>();
        for (String entry : entries) {
            kinds.add(Json.MAPPER.readTree(entry).path("kind").asText());
        }
        return kinds;
    }

    /** Producer, group, table and job, each some time after the move. */
    private static void awaitWorkAtHome(FailoverRun run, Instant since) {
        String home = AWAY.from();
        long from = since.toEpochMilli();
        waiting().until(() -> {
            Journals journals = run.journals();
            return journals.acknowledged().stream().anyMatch(e -> e.region().equals(home) && e.at() > from)
                    && journals.processed().stream().anyMatch(e -> e.region().equals(home) && e.at() > from)
                    && journals.tableCommits().stream().anyMatch(e -> e.region().equals(home) && e.at() > from)
                    && journals.jobCheckpoints().stream()
                            .anyMatch(e -> e.region().equals(home) && e.seenAt() > from);
        });
    }

    private static void assertWhatHomeHas(FailoverRun run) {
        Journals journals = run.journals();
        BackHome home = waiting()
                .pollInterval(Duration.ofSeconds(3))
                .until(
                        () -> BackHome.read(run.platform().platform(), FailoverRun.GROUP, AWAY, journals),
                        BackHome::caughtUp);
        PROGRESS.line("home has " + home);
        assertThat(home.missing()).isZero();
        assertThat(home.repeated()).isZero();
        assertThat(List.of(
                        home.job().duplicates(), home.job().gaps(), home.job().unmatched()))
                .as("duplicates, gaps, unmatched")
                .containsOnly(0L);
        assertThat(home.job().keys()).isPositive();
    }

    /** A reader sees the job's output go back by no more than the step has reported. */
    private static void assertGoesOn(FailoverRun run, String region, OperationView move) {
        long older = BackHome.goneBack(run.platform().platform(), region);
        OperationView.Step restored = move.steps().stream()
                .filter(step -> step.name().equals("restore-jobs"))
                .findFirst()
                .orElseThrow();
        assertThat(restored.detail().findValues("writtenAgain")).isNotEmpty();
        long reported = restored.detail().findValues("records").stream()
                .mapToLong(records -> records.asLong())
                .sum();
        PROGRESS.line(
                "of the job's output in " + region + ", " + older + " records are older than one before; by the report,"
                        + " it was written twice by " + reported + " at most");
        assertThat(older).isLessThanOrEqualTo(reported);
    }

    private static ConditionFactory waiting() {
        return await().atMost(Duration.ofMinutes(4)).pollInterval(Duration.ofSeconds(1));
    }
}
