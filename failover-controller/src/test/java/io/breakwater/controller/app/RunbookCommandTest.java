package io.breakwater.controller.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.controller.api.RunningApi;
import io.breakwater.controller.runbook.DryRun;
import io.breakwater.region.RegionClients;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunbookCommandTest {

    private static final Path RUNBOOKS = Path.of(System.getProperty("breakwater.root"), "runbooks");

    @TempDir
    private Path dir;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void ourOwnRunbooksAreRight() {
        int code = run(
                "lint",
                RUNBOOKS.resolve("failover.yaml").toString(),
                RUNBOOKS.resolve("failback.yaml").toString(),
                RUNBOOKS.resolve("ledger.yaml").toString());

        assertThat(out.toString().lines()).hasSize(3).allMatch(line -> line.contains(".yaml: right, "));
        assertThat(code).isZero();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            step: drain, timeout: PT1M, retry: {every: PT1S}, with: {a: b} | steps[0].with.a: step drain has no settings
            step: wait, timeout: PT1M, retry: {every: PT1S}                | steps[0].with.for: is missing, or has no value
            step: wait, timeout: PT1M, retry: {every: PT1S}, with: {for: PT2M} | steps[0].with.for: PT2M does not fit into the step's timeout of PT1M
            step: wait, timeout: PT1M, retry: {every: PT1S}, with: {for: soon} | steps[0].with.for: 'soon'; a duration such as PT30S
            step: approval, timeout: PT1M, retry: {every: PT1S}, with: {question: go, persons: '0'} | steps[0].with.persons: '0'; 1 to 9
            step: webhook, timeout: PT1M, retry: {every: PT1S}, with: {url: pigeon} | steps[0].with.url: 'pigeon'; http://host:port/path
            step: webhook, timeout: PT1M, retry: {every: PT1S}, with: {url: 'http://x/', colour: red} | steps[0].with.colour: unknown key; known are [authorization, url]
            step: fly, timeout: PT1M, retry: {every: PT1S}                 | steps[0].step: no step 'fly'; there are [
            step: drain, timeout: PT1M, retry: {every: PT1S}, name: 'A B'  | name 'A B' of step drain
            """)
    void whatIsWrongWithAStepIsSaidWithItsPlace(String entry, String expected) throws Exception {
        Path file = Files.writeString(dir.resolve("mine.yaml"), "runbook: mine\nsteps:\n  - {" + entry + "}\n");

        int code = run("lint", file.toString());

        assertThat(out.toString()).startsWith(file + ": ").contains(expected);
        assertThat(code).isEqualTo(1);
    }

    @Test
    void anOrderThatIsNotSafeIsRefused() throws Exception {
        String failover = Files.readString(RUNBOOKS.resolve("failover.yaml"));
        String entry = "  - {step: point-of-no-return, timeout: PT30S, retry: {every: PT0.2S}}\n";
        assertThat(failover).contains(entry);
        Path file = Files.writeString(dir.resolve("failover.yaml"), failover.replace(entry, "") + entry);

        int code = run("lint", file.toString());

        assertThat(out.toString())
                .contains(file + ": steps: open-pipeline stands before point-of-no-return, and has to come after it")
                .contains(file + ": steps: promote-tables stands before point-of-no-return");
        assertThat(code).isEqualTo(1);

        out.getBuffer().setLength(0);
        Files.writeString(file, failover.replace(entry, ""));
        run("lint", file.toString());

        assertThat(out.toString()).contains("steps: point-of-no-return is missing, a failover needs it");
    }

    @Test
    void aStepMayBeThereTwiceUnderNamesOfItsOwn() throws Exception {
        String wait = "  - {step: wait, timeout: PT1M, retry: {every: PT1S}, with: {for: PT1S}";
        Path file = Files.writeString(
                dir.resolve("mine.yaml"), "runbook: mine\nsteps:\n" + wait + "}\n" + wait + ", name: once-more}\n");
        assertThat(run("lint", file.toString())).isZero();

        Files.writeString(file, "runbook: mine\nsteps:\n" + wait + "}\n" + wait + "}\n");
        assertThat(run("lint", file.toString())).isEqualTo(1);
        assertThat(out.toString()).contains("steps[1].step: 'wait' is there twice; give each a name of its own");
    }

    @Test
    void aDryRunSaysWhatEachStepWouldDoAndChangesNothing() throws Exception {
        try (RunningApi api = RunningApi.in(dir);
                RegionClients clients = new RegionClients(api.platform(), Duration.ofSeconds(1))) {
            api.answerDryRuns(new DryRuns(
                    new DryRun(api.platform(), StandardSteps.of(api.platform(), clients, Clock.systemUTC()))));

            int code = run(
                    "dry-run",
                    RUNBOOKS.resolve("failover.yaml").toString(),
                    "--group=flights",
                    "--controller=" + api.url(""));

            assertThat(err.toString()).isEmpty();
            assertThat(code).isZero();
            assertThat(out.toString().lines()).hasSize(13);
            assertThat(out.toString())
                    .containsPattern("await-lease-lapsed +120 s +again +waits until the lease of east has lapsed, 7 s")
                    .containsPattern("select-recovery-point .*there is NONE now, it would fail")
                    .containsPattern("point-of-no-return .*makes west the active region in epoch 2")
                    .containsPattern("translate-groups .*consumer groups flights-\\.\\* in west")
                    .containsPattern("restore-jobs .*starts jobs none in west")
                    .containsPattern("route .*points api to 127\\.0\\.0\\.1:1")
                    .containsPattern("verify +300 s +fail ");
        }
    }

    @Test
    void aDryRunOfAWrongRunbookSaysWhere() throws Exception {
        try (RunningApi api = RunningApi.in(dir);
                RegionClients clients = new RegionClients(api.platform(), Duration.ofSeconds(1))) {
            api.answerDryRuns(new DryRuns(
                    new DryRun(api.platform(), StandardSteps.of(api.platform(), clients, Clock.systemUTC()))));
            Path file = Files.writeString(
                    dir.resolve("mine.yaml"),
                    "runbook: mine\nsteps: [{step: fly, timeout: PT1S, retry: {every: PT1S}}]\n");

            int code = run("dry-run", file.toString(), "--group=flights", "--controller=" + api.url(""));

            assertThat(err.toString()).contains("answers 400").contains("steps[0].step: no step 'fly'");
            assertThat(code).isEqualTo(2);
        }
    }

    private int run(String... arguments) {
        return RunbookCommand.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }
}
