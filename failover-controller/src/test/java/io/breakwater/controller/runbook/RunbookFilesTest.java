package io.breakwater.controller.runbook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.breakwater.platform.InvalidPlatformException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunbookFilesTest {

    private static final Path RUNBOOKS = Path.of(System.getProperty("breakwater.root"), "runbooks");

    /** As in runbooks/, in their order. */
    private static final List<String> FAILOVER = List.of(
            "await-lease-lapsed",
            "fence-mirror",
            "record-segments",
            "select-recovery-point",
            "point-of-no-return",
            "translate-groups",
            "promote-tables",
            "open-pipeline",
            "restore-jobs",
            "open-ingress",
            "route",
            "verify");

    @TempDir
    private Path dir;

    @Test
    void nothingOfAFailoverIsPromotedBeforeThePointOfNoReturn() {
        Runbook failover = Runbook.load(RUNBOOKS, "failover", Set.copyOf(FAILOVER));

        assertThat(failover.steps()).extracting(Runbook.Entry::step).containsExactlyElementsOf(FAILOVER);
    }

    @Test
    void aFailbackIsAFailoverThatDrainsFirst() {
        Set<String> known = new HashSet<>(FAILOVER);
        known.addAll(List.of("fence-tables", "drain"));
        List<String> expected = new ArrayList<>(FAILOVER);
        expected.addAll(expected.indexOf("fence-mirror"), List.of("fence-tables", "drain"));

        Runbook failback = Runbook.load(RUNBOOKS, "failback", known);

        assertThat(failback.steps()).extracting(Runbook.Entry::step).containsExactlyElementsOf(expected);
    }

    /** What the controller runs and what the on-call reads must be the same. */
    @ParameterizedTest
    @ValueSource(strings = {"failover", "failback", "ledger"})
    void eachStepHasItsSectionInTheOrderOfTheFile(String name) throws IOException {
        Set<String> known = new HashSet<>(FAILOVER);
        known.addAll(List.of(
                "drain",
                "fence-tables",
                "export-loss-ledger",
                "export-table-ledger",
                "export-object-ledger",
                "rewind-tables"));
        List<String> sections = Files.readAllLines(RUNBOOKS.resolve(name + ".md")).stream()
                .filter(line -> line.startsWith("### "))
                .map(line -> line.substring(4).strip())
                .toList();

        Runbook runbook = Runbook.load(RUNBOOKS, name, known);

        assertThat(sections)
                .isEqualTo(runbook.steps().stream().map(Runbook.Entry::step).toList());
    }

    @Test
    void anUnknownStepIsRefusedWithFileAndPath() throws IOException {
        Path file = write("steps: [{step: jump, timeout: PT1S, retry: {every: PT1S}}]");

        assertThatThrownBy(() -> Runbook.load(dir, "test", Set.of("walk")))
                .isInstanceOf(InvalidPlatformException.class)
                .hasMessage(file + ": steps[0].step: no step 'jump'; there are [walk]");
    }

    @Test
    void anUnknownKeyIsRefusedWithFileAndPath() throws IOException {
        Path file = write("steps: [{step: walk, timeout: PT1S, retry: {every: PT1S, evry: PT1S}}]");

        assertThatThrownBy(() -> Runbook.load(dir, "test", Set.of("walk")))
                .hasMessageStartingWith(file + ": steps[0].retry.evry: unknown key");
    }

    @Test
    void aBadDurationIsRefusedWithFileAndPath() throws IOException {
        Path file = write("steps: [{step: walk, timeout: soon, retry: {every: PT1S}}]");

        assertThatThrownBy(() -> Runbook.load(dir, "test", Set.of("walk")))
                .hasMessageStartingWith(file + ": steps[0].timeout: ")
                .hasMessageContaining("Duration");
    }

    @Test
    void aMissingRunbookIsRefused() {
        assertThatThrownBy(() -> Runbook.load(dir, "none", Set.of()))
                .hasMessage(dir.resolve("none.yaml") + ": no such readable runbook");
    }

    private Path write(String steps) throws IOException {
        return Files.writeString(dir.resolve("test.yaml"), "runbook: test\n" + steps + "\n");
    }
}
