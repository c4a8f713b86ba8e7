package io.breakwater.local.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerProcessTest {

    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final List<String> lines = new ArrayList<>();

    @TempDir
    private Path directory;

    @Test
    void awaitsReadinessAndSaysSo() throws Exception {
        Path sign = directory.resolve("sign");
        try (ServerProcess process = new ServerProcess(shell("touch sign; exec sleep 60"))) {
            process.launch();

            process.awaitReady(() -> Files.exists(sign), LIMIT, lines::add);

            assertThat(lines).singleElement().asString().contains("server: ready after", "pid " + pid(process));
            assertThat(process.alive()).isTrue();
        }
    }

    @Test
    void killsWhatTheProcessStarted() throws Exception {
        Path sign = directory.resolve("sign");
        try (ServerProcess process = new ServerProcess(shell("sleep 60 & echo $! > pid; mv pid sign; wait"))) {
            process.launch();
            process.awaitReady(() -> Files.exists(sign), LIMIT, lines::add);
            ProcessHandle child = ProcessHandle.of(
                            Long.parseLong(Files.readString(sign).strip()))
                    .orElseThrow();

            process.kill();

            assertThat(process.alive()).isFalse();
            assertThat(child.onExit()).succeedsWithin(LIMIT);
        }
    }

    @Test
    void startsAgainAfterAKill() throws Exception {
        try (ServerProcess process = new ServerProcess(shell("exec sleep 60"))) {
            process.launch();
            long first = pid(process);
            process.kill();

            process.launch();

            assertThat(pid(process)).isNotEqualTo(first);
        }
    }

    @Test
    void startsASupervisedProcessAgainUntilItIsKilled() throws Exception {
        try (ServerProcess process = ServerProcess.supervised(shell("exec sleep 60"))) {
            process.launch();
            process.awaitReady(() -> true, LIMIT, lines::add);
            long first = pid(process);

            ProcessHandle.of(first).orElseThrow().destroyForcibly();

            await().atMost(LIMIT)
                    .until(() -> process.pid().filter(pid -> pid != first).isPresent());
            process.kill();
            assertThat(process.alive()).isFalse();
        }
    }

    @Test
    void namesLogAndLastErrorOfAProcessThatDiesAtStart() {
        try (ServerProcess process = new ServerProcess(shell("echo 'ERROR no such disk'; exit 3"))) {
            process.launch();

            assertThatThrownBy(() -> process.awaitReady(() -> false, LIMIT, lines::add))
                    .isInstanceOf(ServerFailedException.class)
                    .hasMessage("server died at start (exit code 3); see %s; last error: ERROR no such disk"
                            .formatted(directory.resolve("log")));
        }
    }

    @Test
    void endsAProcessThatDoesNotServeInTime() {
        try (ServerProcess process = new ServerProcess(shell("exec sleep 60"))) {
            process.launch();

            assertThatThrownBy(() -> process.awaitReady(() -> false, Duration.ofMillis(300), lines::add))
                    .hasMessageContaining("server was not ready within")
                    .hasMessageContaining(directory.resolve("log").toString());
            assertThat(process.alive()).isFalse();
        }
    }

    @Test
    void refusesToRunTwice() {
        try (ServerProcess process = new ServerProcess(shell("exec sleep 60"))) {
            process.launch();

            assertThatThrownBy(process::launch).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void runsACommandToItsEnd() throws Exception {
        ServerProcess.run(shell("echo done > sign"), LIMIT);

        assertThat(directory.resolve("sign")).hasContent("done");
        assertThatThrownBy(() -> ServerProcess.run(shell("exit 4"), LIMIT)).hasMessageContaining("exit code 4");
    }

    private static long pid(ServerProcess process) {
        return process.pid().orElseThrow();
    }

    private Launch shell(String script) {
        return new Launch("server", List.of("/bin/sh", "-c", script), Map.of(), directory, directory.resolve("log"));
    }
}
