package io.breakwater.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest {

    private static final EvidenceKey KEY = EvidenceKey.generate("breakwater/test");

    @TempDir
    private Path dir;

    @Test
    void isReadBackAsItWasSigned() {
        Checkpoint checkpoint = Checkpoint.sign(7, MerkleHash.leaf(new byte[] {1}), KEY);

        Checkpoint read = Checkpoint.parse(checkpoint.bytes());

        assertThat(read).isEqualTo(checkpoint);
        assertThat(read.isSignedBy(KEY.verifier())).isTrue();
        assertThat(read.encoded()).startsWith("breakwater/test\n7\n").contains("\n\n\u2014 breakwater/test ");
    }

    @Test
    void keepsTheCosignaturesOfNodes() {
        EvidenceKey node = EvidenceKey.generate("breakwater/test/west");
        Checkpoint checkpoint = Checkpoint.sign(7, MerkleHash.EMPTY, KEY).signedBy(node);

        Checkpoint read = Checkpoint.parse(checkpoint.bytes());

        assertThat(read.isSignedBy(KEY.verifier())).isTrue();
        assertThat(read.isSignedBy(node.verifier())).isTrue();
        assertThat(read.isSignedBy(EvidenceKey.generate("breakwater/test/west").verifier()))
                .isFalse();
    }

    @Test
    void refusesWhatIsNoCheckpoint() {
        String good = Checkpoint.sign(7, MerkleHash.EMPTY, KEY).encoded();
        for (String bad : List.of(
                "",
                "x",
                good.replace("\n7\n", "\n07\n"),
                good.replace("\n7\n", "\n-7\n"),
                good.replace("\n7\n", "\n7\nmore\n"),
                good.replace("=\n\n", "=\n"),
                good.stripTrailing(),
                good + "\n",
                good + "no signature\n")) {
            assertThatThrownBy(() -> Checkpoint.parse(bad.getBytes(StandardCharsets.UTF_8)))
                    .as(bad)
                    .isInstanceOf(EvidenceException.class)
                    .hasMessageStartingWith("not a checkpoint: ");
        }
    }

    @Test
    void aKeyIsReadBackAndItsFileIsPrivate() throws IOException {
        KEY.save(dir.resolve("key"), dir.resolve("vkey"));

        EvidenceKey read = EvidenceKey.load(dir.resolve("key"));

        assertThat(Checkpoint.sign(1, MerkleHash.EMPTY, read).isSignedBy(VerifierKey.load(dir.resolve("vkey"))))
                .isTrue();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(dir.resolve("key"))))
                .isEqualTo("rw-------");
        assertThatThrownBy(() -> KEY.save(dir.resolve("key"), dir.resolve("vkey")))
                .hasMessageContaining("never overwritten");
    }

    @Test
    void refusesAKeyFileWhoseHalvesDoNotBelongTogether() throws IOException {
        KEY.save(dir.resolve("key"), dir.resolve("vkey"));
        EvidenceKey.generate("breakwater/test").save(dir.resolve("other"), dir.resolve("other-vkey"));
        Files.writeString(
                dir.resolve("mixed"),
                Files.readAllLines(dir.resolve("key")).get(0) + "\n" + Files.readString(dir.resolve("other-vkey")));

        assertThatThrownBy(() -> EvidenceKey.load(dir.resolve("mixed")))
                .hasMessageContaining("mixed: not an evidence key")
                .hasMessageContaining("not that of the vkey");
        assertThatThrownBy(() -> EvidenceKey.load(dir.resolve("vkey"))).hasMessageContaining("not an evidence key");
        assertThatThrownBy(() -> EvidenceKey.load(dir.resolve("none"))).hasMessageContaining("no such readable");
    }

    @Test
    void tilesAreNamedAsTheSpecificationSays() {
        assertThat(new TileName(0, 1_234_067, 256).path()).isEqualTo("tile/0/x001/x234/067");
        assertThat(new TileName(TileName.ENTRIES, 5, 17).path()).isEqualTo("tile/entries/005.p/17");
        assertThat(TileName.parse("tile/1/x001/002.p/3")).contains(new TileName(1, 1002, 3));
        for (String bad : List.of("tile/0/1", "tile/0/x000/001", "tile/0/001.p/256", "tile/0/001.p/0", "tile/e/001")) {
            assertThat(TileName.parse(bad)).as(bad).isEmpty();
        }
    }
}
