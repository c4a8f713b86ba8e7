package io.breakwater.local.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.local.LocalPlatform;
import io.breakwater.local.process.ProgramRun;
import io.breakwater.local.process.Progress;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.platform.Json;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * The quickstart's story as a test, and beside it what an on-call sees of it: the page, {@code status} and the readiness
 * drill. Takes about three minutes and 5 GB of memory.
 */
class StoryIT {

    private static final Progress PROGRESS = Progress.to(System.out);
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final ProjectLayout layout = ProjectLayout.find();
    private final Path directory = layout.target().resolve("story-it");

    @Test
    void aRegionIsLostAndEveryCheckHolds() throws Exception {
        Directories.delete(directory);
        FailoverRun.Settings settings = new FailoverRun.Settings(
                directory.resolve("platform"),
                layout.root().resolve("deploy/local/platform.yaml"),
                Optional.empty(),
                2_000,
                Duration.ofSeconds(20));
        List<Long> pids;
        boolean passed;
        try (FailoverRun run = new FailoverRun(layout, settings, PROGRESS)) {
            Story story = new Story(layout, directory, run, PROGRESS);
            story.begin();
            statusAndDrillSayThatTheStandbyIsReady(run.platform());
            thePageShows(run.platform(), "Group flights", "STANDBY READY", "active\teast", "Region west");
            passed = story.loseTheRegion();
            thePageShows(run.platform(), "active\twest", "ledger of flights: east to west", "export-loss-ledger");
            pids = run.platform().pids();
        }

        assertThat(passed).isTrue();
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(pids)
                        .isNotEmpty()
                        .noneMatch(pid -> ProcessHandle.of(pid).isPresent()));
        JsonNode result = Json.MAPPER.readTree(directory.resolve("result.json").toFile());
        assertThat(result.path("kafka").path("acked").asLong())
                .isGreaterThan(20_000)
                .isEqualTo(result.path("kafka").path("mirrored").asLong()
                        + result.path("kafka").path("lost").asLong());
        assertThat(layout.root()
                        .resolve(result.path("evidence").path("directory").asText())
                        .resolve("checkpoint"))
                .exists();
    }

    private void statusAndDrillSayThatTheStandbyIsReady(LocalPlatform platform) throws Exception {
        String controller = platform.controller(LocalPlatform.WITNESS).toString();
        ProgramRun status = command("status", "--controller=" + controller);
        assertThat(status.exitCode()).as(status.output()).isZero();
        assertThat(status.output()).contains("flights", "east", "west", "UP");
        ProgramRun drill = command(
                "drill",
                "readiness",
                "--controller=" + controller,
                "--group=flights",
                "--token-file=" + platform.files().tokenFile());
        assertThat(drill.exitCode()).as(drill.output()).isZero();
        assertThat(drill.output()).containsIgnoringCase("RPO").containsIgnoringCase("RTO");
    }

    private ProgramRun command(String... arguments) throws Exception {
        return ProgramRun.of(
                directory, Map.of("JAVA_HOME", System.getProperty("java.home")), layout.launcher(), arguments);
    }

    /** On a machine without Chromium the page is not looked at, and the output says so. */
    private void thePageShows(LocalPlatform platform, String... texts) throws Exception {
        if (!PageInBrowser.possible()) {
            PROGRESS.line("no chromium on this machine: the page was not looked at");
            return;
        }
        URI page = platform.controller(LocalPlatform.WEST).resolve("/");
        try (PageInBrowser browser = new PageInBrowser(Files.createTempDirectory(directory, "browser"), page)) {
            await().atMost(PATIENCE)
                    .untilAsserted(
                            () -> assertThat(browser.text()).contains(texts).contains("live"));
        }
    }
}
