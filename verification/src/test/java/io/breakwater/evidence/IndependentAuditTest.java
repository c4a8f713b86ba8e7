package io.breakwater.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Our logs, verified by Go's implementation of signed notes and transparency logs: see {@code src/test/go}. */
class IndependentAuditTest {

    private static final EvidenceKey KEY = EvidenceKey.generate("breakwater/test");
    private static final Path GO = Path.of("/usr/bin/go");
    private static final Path PACKAGES = Path.of("/usr/share/gocode/src/golang.org/x/mod/sumdb");
    private static final long LIMIT_SECONDS = 240;

    @TempDir
    private Path dir;

    @BeforeEach
    void needGo() {
        assumeTrue(
                Files.isExecutable(GO) && Files.isDirectory(PACKAGES),
                "needs Debian's golang-go and golang-golang-x-mod-dev");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 255, 256, 257, 66_000})
    void goVerifiesOurLog(int size) throws Exception {
        Path log = dir.resolve("log");
        Entries.make(log, KEY, size, Math.max(size / 3, 1));

        String answer = audit(log);

        Checkpoint checkpoint = Checkpoint.parse(Files.readAllBytes(log.resolve("checkpoint")));
        assertThat(answer).isEqualTo("VERIFIED " + size + " " + checkpoint.root());
    }

    @Test
    void goAlsoFindsATamperedEntry() throws Exception {
        Path log = dir.resolve("log");
        Entries.make(log, KEY, 300, 300);
        Path bundle = log.resolve("tile/entries/000");
        byte[] bytes = Files.readAllBytes(bundle);
        bytes[5] ^= 1;
        Files.write(bundle, bytes);

        assertThat(audit(log)).startsWith("NOT VERIFIED: entry 0 ");
    }

    private String audit(Path log) throws IOException, InterruptedException {
        KEY.save(dir.resolve("key"), dir.resolve("vkey"));
        Path answer = dir.resolve("answer");
        ProcessBuilder go = new ProcessBuilder(
                        GO.toString(),
                        "run",
                        Path.of("src/test/go/audit.go").toAbsolutePath().toString(),
                        log.toString(),
                        dir.resolve("vkey").toString())
                .redirectErrorStream(true)
                .redirectOutput(answer.toFile());
        go.environment().put("GO111MODULE", "off");
        go.environment().put("GOPATH", "/usr/share/gocode");
        go.environment()
                .put("GOCACHE", Path.of("target/go-cache").toAbsolutePath().toString());
        Process process = go.start();
        try {
            assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS))
                    .as("ended in time")
                    .isTrue();
        } finally {
            process.destroyForcibly();
        }
        // A program that 'go run' runs and that fails is followed by a line of its own.
        return Files.readString(answer).lines().findFirst().orElse("");
    }
}
