package io.breakwater.controller.consensus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotFileTest {

    private static final byte[] SNAPSHOT = "{}".getBytes(StandardCharsets.UTF_8);

    @TempDir
    private Path directory;

    @Test
    void aSnapshotStandsWithItsDigest() throws Exception {
        Path file = directory.resolve("snapshot.1_7");

        ControlStateMachine.write(file.toFile(), SNAPSHOT);

        assertThat(file).hasBinaryContent(SNAPSHOT);
        assertThat(directory.resolve("snapshot.1_7.md5")).content().startsWith("99914b932bd37a50b983c5e7c90ae93b");
    }

    /** Ratis would take it for the newest one at the next start. */
    @Test
    void whatCannotBeWrittenWholeIsNotLeftBehind() throws Exception {
        Path file = directory.resolve("snapshot.1_7");
        // The digest cannot take its name.
        Files.createDirectories(directory.resolve("snapshot.1_7.md5").resolve("in-the-way"));

        assertThatThrownBy(() -> ControlStateMachine.write(file.toFile(), SNAPSHOT))
                .isInstanceOf(Exception.class);

        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left.map(path -> path.getFileName().toString())).doesNotContain("snapshot.1_7");
        }
    }
}
