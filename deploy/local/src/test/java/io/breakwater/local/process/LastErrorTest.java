package io.breakwater.local.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LastErrorTest {

    @TempDir
    private Path directory;

    @Test
    void isTheInnermostCauseOfAStackTrace() throws IOException {
        assertThat(of("""
                2026-11-22 INFO  starting
                2026-11-22 ERROR [main] Exiting due to fatal exception
                java.lang.RuntimeException: no
                \tat kafka.Kafka.main(Kafka.java:1)
                Caused by: java.net.BindException: Address already in use
                \tat java.base/sun.nio.ch.Net.bind0(Native Method)
                \t... 3 more
                2026-11-22 INFO  shut down
                """)).isEqualTo("Caused by: java.net.BindException: Address already in use");
    }

    @Test
    void isTheLastLineIfNoneLooksLikeAnError() throws IOException {
        assertThat(of("one\ntwo\n\n")).isEqualTo("two");
    }

    @Test
    void isWhatALauncherSaidRatherThanItsUsage() throws IOException {
        assertThat(of("breakwater: no command 'x'\nusage: breakwater COMMAND\n"))
                .isEqualTo("breakwater: no command 'x'");
    }

    @Test
    void saysThatAnEmptyLogIsEmpty() throws IOException {
        assertThat(of("")).contains("empty");
    }

    private String of(String log) throws IOException {
        return LastError.of(Files.writeString(directory.resolve("log"), log));
    }
}
