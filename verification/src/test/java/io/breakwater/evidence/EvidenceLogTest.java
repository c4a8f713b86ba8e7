package io.breakwater.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.breakwater.evidence.EvidenceException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EvidenceLogTest {

    private static final EvidenceKey KEY = EvidenceKey.generate("breakwater/test");

    @TempDir
    private Path dir;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 255, 256, 257, 511, 512, 65_535, 65_536, 65_793})
    void reopensWithTheSameRootAndPassesTheAudit(int size) {
        String root;
        try (EvidenceLog log = EvidenceLog.open(dir, KEY)) {
            Entries.fill(log, size);
            log.checkpoint();
            root = log.root().toString();
        }

        EvidenceAudit.Report report = EvidenceAudit.verify(new DirectoryFiles(dir), KEY.verifier());

        assertThat(report.failures()).isEmpty();
        assertThat(report.size()).isEqualTo(size);
        assertThat(report.root()).map(Object::toString).contains(root);
        assertThat(report.entryBundles()).isEqualTo((size + 255) / 256);
        try (EvidenceLog log = EvidenceLog.open(dir, KEY)) {
            assertThat(log.size()).isEqualTo(size);
            assertThat(log.root()).hasToString(root);
            assertThat(log.append(Entries.entry(size))).isEqualTo(size);
        }
    }

    @Test
    void hasTheRootsOfRfc6962() {
        // The published test vectors of Certificate Transparency: entries 00, 10, 20 21, ... in hexadecimal.
        byte[][] inputs = {{}, {0}, {0x10}, {0x20, 0x21}, {0x30, 0x31}, {0x40, 0x41, 0x42, 0x43}};
        MerkleTree tree = new MerkleTree();
        for (byte[] input : inputs) {
            tree.append(input, (name, hashes) -> {});
        }

        assertThat(hex(tree.root())).isEqualTo("76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef");
        assertThat(hex(MerkleHash.EMPTY)).isEqualTo("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    private static String hex(MerkleHash hash) {
        byte[] bytes = new byte[MerkleHash.BYTES];
        hash.copyTo(bytes, 0);
        return HexFormat.of().formatHex(bytes);
    }

    @Test
    void appendsOnceWhatIsEnsuredTwice() {
        try (EvidenceLog log = EvidenceLog.open(dir, KEY)) {
            Entries.fill(log, 600);

            for (long index : new long[] {0, 255, 256, 511, 512, 599}) {
                assertThat(log.ensure(index, Entries.entry(index))).isEqualTo(EvidenceLog.Ensured.PRESENT);
            }
            assertThat(log.ensure(600, Entries.entry(600))).isEqualTo(EvidenceLog.Ensured.APPENDED);
            assertThat(log.size()).isEqualTo(601);
        }
    }

    @Test
    void refusesOtherBytesAtAnIndexBeforeAndAfterACheckpoint() {
        try (EvidenceLog log = EvidenceLog.open(dir, KEY)) {
            Entries.fill(log, 300);
            refused(Reason.CONFLICT, () -> log.ensure(299, Entries.entry(7)))
                    .hasMessageContaining("entry 299 stands with other bytes");

            log.checkpoint();

            refused(Reason.CONFLICT, () -> log.ensure(3, Entries.entry(7)));
            assertThat(log.size()).isEqualTo(300);
        }
    }

    @Test
    void refusesAGap() {
        try (EvidenceLog log = EvidenceLog.open(dir, KEY)) {
            Entries.fill(log, 2);

            refused(Reason.GAP, () -> log.ensure(3, Entries.entry(3)))
                    .hasMessageContaining("entry 3 cannot follow entry 1");
        }
    }

    @Test
    void takesTheLargestEntryAndRefusesALargerOne() {
        try (EvidenceLog log = EvidenceLog.open(dir, KEY)) {
            log.append(new byte[65_535]);
            log.append(new byte[0]);
            log.checkpoint();

            refused(Reason.TOO_LARGE, () -> log.append(new byte[65_536]));
            assertThat(log.entry(0)).hasSize(65_535);
        }
        try (EvidenceLog log = EvidenceLog.open(dir, KEY)) {
            assertThat(log.size()).isEqualTo(2);
        }
    }

    @Test
    void keepsASecondProcessOut() {
        try (EvidenceLog log = EvidenceLog.open(dir, KEY)) {
            assertThat(log.size()).isZero();
            refused(Reason.LOCKED, () -> EvidenceLog.open(dir, KEY)).hasMessageContaining(dir.toString());
        }
    }

    @Test
    void refusesAnotherKey() {
        Entries.make(dir, KEY, 3, 3);

        refused(Reason.KEY, () -> EvidenceLog.open(dir, EvidenceKey.generate("breakwater/test")));
        refused(Reason.KEY, () -> EvidenceLog.open(dir, EvidenceKey.generate("breakwater/other")));
    }

    @Test
    void isTheSameWhereverItsCheckpointsFall() throws IOException {
        Path other = dir.resolve("other");
        Entries.make(dir.resolve("one"), KEY, 700, 37);
        Entries.make(other, KEY, 700, 700);

        for (String path : new DirectoryFiles(other).list()) {
            assertThat(dir.resolve("one").resolve(path)).hasSameBinaryContentAs(other.resolve(path));
        }
        assertThat(new DirectoryFiles(dir.resolve("one")).list())
                .containsExactlyInAnyOrderElementsOf(new DirectoryFiles(other).list());
    }

    /** Kills the process at each single write and deletion in turn; then replays, as the Raft log would. */
    @ParameterizedTest
    @ValueSource(ints = {1, 5, 255, 256, 257})
    void losesNothingThatACheckpointCoversWhereverTheProcessDies(int more) throws IOException {
        for (int changes = 0; ; changes++) {
            Path directory = Files.createDirectories(dir.resolve("kill-" + changes));
            Entries.make(directory, KEY, 254, 254);
            boolean crashed = false;
            try (EvidenceLog log = EvidenceLog.open(new CrashingStorage(new LogDirectory(directory), changes), KEY)) {
                Entries.fill(log, 254 + more);
                log.checkpoint();
            } catch (CrashingStorage.Crash crash) {
                crashed = true;
            }

            assertThat(EvidenceAudit.verify(new DirectoryFiles(directory), KEY.verifier())
                            .failures())
                    .as("after %s changes", changes)
                    .isEmpty();
            try (EvidenceLog log = EvidenceLog.open(directory, KEY)) {
                assertThat(log.size()).isIn(254L, 254L + more);
                Entries.fill(log, 254 + more);
                log.checkpoint();
            }
            EvidenceAudit.Report report = EvidenceAudit.verify(new DirectoryFiles(directory), KEY.verifier());
            assertThat(report.failures()).isEmpty();
            assertThat(report.size()).isEqualTo(254 + more);
            if (!crashed) {
                assertThat(changes).as("kill points met").isGreaterThan(3);
                return;
            }
        }
    }

    @Test
    void goesOnAfterAFailedCheckpoint() {
        CrashingStorage storage = new CrashingStorage(new LogDirectory(dir), 2);
        try (EvidenceLog log = EvidenceLog.open(storage, KEY)) {
            Entries.fill(log, 600);
            assertThatThrownBy(log::checkpoint).isInstanceOf(CrashingStorage.Crash.class);

            storage.recover();
            log.checkpoint();
        }
        assertThat(EvidenceAudit.verify(new DirectoryFiles(dir), KEY.verifier()).failures())
                .isEmpty();
    }

    private static AbstractThrowableAssert<?, ?> refused(Reason reason, ThrowingCallable call) {
        return assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        EvidenceException.class, e -> assertThat(e.reason()).isEqualTo(reason));
    }
}
