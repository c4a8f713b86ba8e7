package io.breakwater.controller.app;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.breakwater.platform.InvalidPlatformException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What the command {@code breakwater controller} says of {@code snapshot.earlier}. */
class EarlierSnapshotsSettingTest {

    private static final String YAML = """
            platform: flights
            nodes:
              - {id: east, region: east, raft: "127.0.0.1:1001", http: "127.0.0.1:1002"}
            regions:
              east: &site
                kafka: {bootstrap: "127.0.0.1:1", client: {}, mirror: {}, mirrorPrincipal: "User:mirror"}
                connect: {url: "http://127.0.0.1:2"}
                objectStore: {region: us-east-1, endpoint: "http://127.0.0.1:3", buckets: {lake: lake-east}}
                flink: {url: "http://127.0.0.1:4"}
              west: *site
            groups:
              flights:
                home: east
                standby: west
                objectives: {rto: PT15M, rpo: PT5M}
                policy: {mode: advisory, lease: PT6S}
                pipelinePrincipals: ["User:pipeline"]
                assets:
                  - {kind: flink-job, name: delay, snapshot: {every: PT30S}}
                  - {kind: flink-job, name: right, snapshot: {every: PT30S, earlier: P30D}}
            """;

    @TempDir
    private Path dir;

    @ParameterizedTest
    @ValueSource(strings = {"7 days", "P1M", "-P7D", "PT0S", "P3651D", "P106751991167300D"})
    void aNodeDoesNotStartWithAWrongOne(String text) throws IOException {
        Path file =
                write(YAML.replace("name: delay, snapshot: {", "name: delay, snapshot: {earlier: '" + text + "', "));

        assertThatThrownBy(() -> controller(file).call())
                .isInstanceOf(InvalidPlatformException.class)
                .hasMessage(file + ": groups.flights.assets: flink-job delay: snapshot.earlier is '" + text
                        + "'; it is a duration such as P7D, above 0 and at most 3650 days");
    }

    @Test
    void aRightOneAndNoneAreNoReasonNotToStart() throws IOException {
        Path file = write(YAML);

        assertThatThrownBy(() -> controller(file).call())
                .isNotInstanceOf(InvalidPlatformException.class)
                .hasMessageContaining("--token-file " + dir.resolve("token") + ": no such readable file");
    }

    private Path write(String yaml) throws IOException {
        return Files.writeString(dir.resolve("platform.yaml"), yaml);
    }

    private ControllerCommand controller(Path file) {
        ControllerCommand command = new ControllerCommand();
        new CommandLine(command)
                .parseArgs(
                        "--platform=" + file,
                        "--node=east",
                        "--data=" + dir.resolve("data"),
                        "--token-file=" + dir.resolve("token"),
                        "--evidence-key=" + dir.resolve("key"),
                        "--runbooks=" + dir);
        return command;
    }
}
