package io.breakwater.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.local.process.FreePorts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PreflightTest {

    private static final Path DIRECTORY = Path.of("/data/platform");

    private final Preflight enough =
            new Preflight(Preflight.JAVA, Preflight.MEMORY_MEGABYTES, Preflight.DISK_MEGABYTES);

    @Test
    void findsNothingWrongWithAMachineThatHasEnough() {
        assertThat(enough.wrong(DIRECTORY, Optional.empty())).isEmpty();
    }

    @Test
    void saysEachThingThatIsMissingInALine() {
        Preflight little = new Preflight(11, 1_000, 500);

        assertThat(little.wrong(DIRECTORY, Optional.empty()))
                .containsExactly(
                        "Java 11: too old; set JAVA_HOME to a JDK 17",
                        "too little memory: 1000 MB available, 6144 MB needed; end other programs",
                        "too little disk: 500 MB free at /data/platform, 4096 MB needed; make room there");
    }

    @Test
    void saysThatAJavaIsTooNew() {
        Preflight next = new Preflight(25, Preflight.MEMORY_MEGABYTES, Preflight.DISK_MEGABYTES);

        assertThat(next.wrong(DIRECTORY, Optional.empty()))
                .singleElement()
                .asString()
                .contains("too new");
    }

    @Test
    void saysThatAPortIsInUse() throws IOException {
        try (ServerSocket taken =
                new ServerSocket(FreePorts.next(), 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
            assertThat(enough.wrong(DIRECTORY, Optional.of(taken.getLocalPort())))
                    .singleElement()
                    .asString()
                    .contains("port " + taken.getLocalPort(), "in use", "--port");
        }
    }

    @Test
    void refusesAPathThatSettingsCannotCarry() {
        assertThat(enough.wrong(Path.of("/my data/platform"), Optional.empty()))
                .singleElement()
                .asString()
                .contains("/my data/platform", "move the project");
    }
}
