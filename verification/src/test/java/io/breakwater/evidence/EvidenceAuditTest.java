package io.breakwater.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EvidenceAuditTest {

    private static final EvidenceKey KEY = EvidenceKey.generate("breakwater/test");

    @TempDir
    private Path dir;

    @BeforeEach
    void makeALog() {
        Entries.make(dir, KEY, 600, 600);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "checkpoint",
                "tile/entries/000",
                "tile/entries/001",
                "tile/entries/002.p/88",
                "tile/0/000",
                "tile/0/001",
                "tile/0/002.p/88",
                "tile/1/000.p/2"
            })
    void namesAFileWhoseBytesChanged(String path) throws IOException {
        byte[] bytes = Files.readAllBytes(dir.resolve(path));
        for (int at : new int[] {0, bytes.length / 2, bytes.length - 1}) {
            byte[] changed = bytes.clone();
            changed[at] ^= 1;
            Files.write(dir.resolve(path), changed);

            EvidenceAudit.Report report = audit();

            assertThat(report.failures())
                    .as("byte %s of %s", at, path)
                    .anyMatch(line -> line.contains(path) || line.contains("its root is not"));
            assertThat(report.passed()).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"checkpoint", "tile/entries/000", "tile/entries/002.p/88", "tile/0/001", "tile/1/000.p/2"})
    void namesAFileThatIsMissingOrCutOff(String path) throws IOException {
        byte[] bytes = Files.readAllBytes(dir.resolve(path));
        Files.write(dir.resolve(path), Arrays.copyOf(bytes, bytes.length - 1));
        assertThat(audit().failures()).anyMatch(line -> line.startsWith(path + ": "));

        Files.delete(dir.resolve(path));

        assertThat(audit().failures()).anyMatch(line -> line.startsWith(path + ": "));
    }

    @Test
    void refusesToReopenATamperedLogAndNamesTheFile() throws IOException {
        byte[] bytes = Files.readAllBytes(dir.resolve("tile/entries/000"));
        bytes[4] ^= 1;
        Files.write(dir.resolve("tile/entries/000"), bytes);

        assertThatThrownBy(() -> EvidenceLog.open(dir, KEY))
                .isInstanceOfSatisfying(
                        EvidenceException.class,
                        e -> assertThat(e.reason()).isEqualTo(EvidenceException.Reason.CORRUPT))
                .hasMessageContaining("tile/0/000: has other hashes than follow from the entries");
    }

    /** Entries, tiles and root all made anew: only the signature tells. */
    @Test
    void refusesAForgedLog() throws IOException {
        Path forged = dir.resolve("forged");
        Entries.make(forged, EvidenceKey.generate("breakwater/test"), 600, 600);

        assertThat(EvidenceAudit.verify(new DirectoryFiles(forged), KEY.verifier())
                        .failures())
                .anyMatch(line -> line.startsWith("checkpoint: its signature does not verify"));
    }

    @Test
    void refusesAHistoryThatIsNotTheBeginningOfTheNewest() throws IOException {
        Path other = dir.resolve("other");
        try (EvidenceLog log = EvidenceLog.open(other, KEY)) {
            Entries.fill(log, 3);
            log.append(Entries.entry(77));
            log.checkpoint();
        }
        Files.createDirectory(dir.resolve("checkpoints"));
        Files.copy(other.resolve("checkpoint"), dir.resolve("checkpoints/4"));

        assertThat(audit().failures()).containsExactly("checkpoints/4: its root is not that of the first 4 entries");
    }

    @Test
    void takesTheLargestCheckpointSoThatAnOlderOneCannotPassForTheLog() throws IOException {
        Path shorter = dir.resolve("shorter");
        Entries.make(shorter, KEY, 300, 300);
        Files.createDirectory(dir.resolve("checkpoints"));
        Files.move(dir.resolve("checkpoint"), dir.resolve("checkpoints/600"));
        Files.copy(shorter.resolve("checkpoint"), dir.resolve("checkpoint"));

        EvidenceAudit.Report report = audit();

        assertThat(report.failures()).isEmpty();
        assertThat(report.size()).isEqualTo(600);
        assertThat(report.checkpoints()).isEqualTo(2);
    }

    @Test
    void saysSoWhenThereIsNoLog() throws IOException {
        Path empty = Files.createDirectory(dir.resolve("empty"));

        assertThat(EvidenceAudit.verify(new DirectoryFiles(empty), KEY.verifier())
                        .failures())
                .contains("checkpoint: is missing");
    }

    @Test
    void refusesAStrangeFileAmongTheTiles() throws IOException {
        Files.writeString(dir.resolve("tile/0/0"), "x");

        assertThat(audit().failures()).containsExactly("tile/0/0: is no file of a log");
    }

    private EvidenceAudit.Report audit() {
        return EvidenceAudit.verify(new DirectoryFiles(dir), KEY.verifier());
    }
}
