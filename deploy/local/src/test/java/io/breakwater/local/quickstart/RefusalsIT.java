package io.breakwater.local.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.local.process.FreePorts;
import io.breakwater.local.process.ProgramRun;
import io.breakwater.local.server.ProjectLayout;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the quickstart cannot work with: one clear line, an exit code that is not 0, and nothing left running. */
class RefusalsIT {

    private static final int FAILED = 1;
    private static final int NOT_STARTED = 2;

    private final ProjectLayout built = ProjectLayout.find();

    /** A project that shares what was built with this one, and nothing else. */
    @TempDir
    private Path project;

    @BeforeEach
    void shareWhatWasBuilt() throws IOException {
        Files.createDirectories(project.resolve("deploy/local"));
        for (String shared : List.of("deploy/dist", "deploy/local/servers", "deploy/local/flights-job")) {
            Files.createSymbolicLink(project.resolve(shared), built.root().resolve(shared));
        }
        for (String file : List.of("mvnw", "deploy/local/platform.yaml", "deploy/local/run")) {
            Files.copy(built.root().resolve(file), project.resolve(file));
        }
    }

    @Test
    void aPlatformFileThatIsMissing() throws Exception {
        ProgramRun run = quickstart("--platform", "nowhere.yaml");

        assertRefused(run, NOT_STARTED, "nowhere.yaml");
    }

    @Test
    void aPlatformFileThatIsWrongAndEachWrongPlaceInALine() throws Exception {
        Path file = project.resolve("deploy/local/platform.yaml");
        String right = Files.readString(file);
        Files.writeString(
                file,
                right.replace("holdTime: PT3S", "holdTime: three")
                        .replace("lease: PT6S, ", "lease: PT6S, leese: PT6S, "));

        ProgramRun run = quickstart();

        assertRefused(run, NOT_STARTED, "platform.yaml", "groups.flights.policy");
    }

    @Test
    void aPortInUse() throws Exception {
        try (ServerSocket taken =
                new ServerSocket(FreePorts.next(), 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
            ProgramRun run = quickstart("--port", String.valueOf(taken.getLocalPort()));

            assertRefused(run, NOT_STARTED, "port " + taken.getLocalPort() + " of 127.0.0.1 is in use");
        }
    }

    @Test
    void settingsOutOfRange() throws Exception {
        ProgramRun run = quickstart("--rate", "0", "--seconds", "999999");

        assertRefused(run, NOT_STARTED, "--rate 0: give 1 to 20000", "--seconds 999999: give 1 to 3600");
    }

    @Test
    void aServerThatDiesAtStart() throws Exception {
        Path servers = project.resolve("deploy/local/servers");
        Files.delete(servers);
        for (String server : List.of("kafka", "s3proxy", "flink")) {
            Path target = Files.createDirectories(servers.resolve(server)).resolve("target");
            Files.createSymbolicLink(target, built.root().resolve("deploy/local/servers/" + server + "/target"));
        }
        Files.delete(servers.resolve("s3proxy/target"));
        Files.writeString(
                Files.createDirectories(servers.resolve("s3proxy/target")).resolve("classpath"),
                project.resolve("no.jar").toString());

        ProgramRun run = quickstart("--once");

        assertRefused(run, FAILED, "s3-", "died at start", ".log");
    }

    @Test
    void aJavaThatDoesNotFit() throws Exception {
        Path java = Files.createDirectories(project.resolve("jdk21/bin")).resolve("java");
        Files.writeString(java, "#!/bin/sh\necho 'openjdk version \"21.0.2\"' >&2\n");
        assertThat(java.toFile().setExecutable(true)).isTrue();

        ProgramRun run = ProgramRun.of(
                project,
                Map.of("JAVA_HOME", project.resolve("jdk21").toString(), "BREAKWATER_SCRIPT", "quickstart"),
                project.resolve("deploy/local/run"),
                QuickstartCommand.class.getName());

        assertRefused(run, NOT_STARTED, "quickstart: ", "is version 21.0.2: set JAVA_HOME to a JDK 17");
    }

    private ProgramRun quickstart(String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of(
                "-Xmx256m",
                "-Dbreakwater.root=" + project,
                "-Dbreakwater.log=" + project.resolve("quickstart.log"),
                "-Dlog4j2.configurationFile=classpath:io/breakwater/local/log4j2-main.properties",
                QuickstartCommand.class.getName()));
        all.addAll(List.of(arguments));
        return ProgramRun.of(
                project,
                Map.of("CLASSPATH", System.getProperty("java.class.path")),
                Path.of(System.getProperty("java.home"), "bin", "java"),
                all.toArray(new String[0]));
    }

    private void assertRefused(ProgramRun run, int exitCode, String... says) {
        List<String> complaints = run.output()
                .lines()
                .filter(line -> line.startsWith("quickstart: "))
                .toList();
        assertThat(run.exitCode()).as(run.output()).isEqualTo(exitCode);
        assertThat(String.join("\n", complaints)).as(run.output()).contains(says);
        assertThat(run.output()).doesNotContain("\tat ", "Exception in thread");
        assertThat(ProcessHandle.allProcesses()
                        .filter(process ->
                                process.info().commandLine().orElse("").contains(project.toString())))
                .as("processes of the run that are left")
                .isEmpty();
    }
}
