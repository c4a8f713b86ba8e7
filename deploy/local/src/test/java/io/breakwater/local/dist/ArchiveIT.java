package io.breakwater.local.dist;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.local.process.ProgramRun;
import io.breakwater.local.server.ProjectLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The archive as it was built, through its launcher. */
class ArchiveIT {

    private final Path launcher = ProjectLayout.find().launcher();
    private final Path home = launcher.getParent().getParent();

    @TempDir
    private Path dir;

    @Test
    void everyCommandExplainsItself() throws Exception {
        List<String> commands = commands();
        assertThat(commands).contains("audit", "replicator");
        for (String command : commands) {
            ProgramRun answer = run(Map.of(), command, "--help");

            assertThat(answer.exitCode()).as("%s: %s", command, answer.output()).isZero();
            assertThat(answer.output())
                    .startsWith("Usage: ")
                    .doesNotContain("SLF4J")
                    .doesNotContain("StatusLogger");
        }
    }

    @Test
    void everyPartHasItsJarsAndOneBindingOfItsLogs() throws IOException {
        Set<Path> unused;
        try (Stream<Path> jars = Files.list(home.resolve("lib"))) {
            unused = new HashSet<>(jars.filter(Files::isRegularFile).toList());
        }
        for (Path part : parts()) {
            List<String> names = Files.readAllLines(part.resolve("classpath"));

            assertThat(names).doesNotHaveDuplicates().allMatch(jar -> Files.exists(home.resolve("lib/" + jar)));
            assertThat(names)
                    .filteredOn(jar -> jar.matches("(slf4j-(simple|log4j|reload4j|jdk)|logback-|log4j-slf4j).*"))
                    .as("bindings of %s", part)
                    .hasSize(1);
            names.forEach(jar -> unused.remove(home.resolve("lib/" + jar)));
        }
        assertThat(unused).as("jars that no part uses").isEmpty();
    }

    @Test
    void aCommandThatIsNotThereIsRefusedWithThoseThatAre() throws Exception {
        ProgramRun answer = run(Map.of(), "fail-over");

        assertThat(answer.exitCode()).isEqualTo(2);
        assertThat(answer.output())
                .startsWith("breakwater: no command 'fail-over'\n")
                .contains("  audit\n");
    }

    @Test
    void aJavaThatDoesNotFitIsRefused() throws Exception {
        Path old = Files.createDirectories(dir.resolve("jdk11/bin"));
        Path java = Files.writeString(old.resolve("java"), "#!/bin/sh\nexit 99\n");
        assertThat(java.toFile().setExecutable(true)).isTrue();
        Files.writeString(dir.resolve("jdk11/release"), "JAVA_VERSION=\"11.0.2\"\n");

        ProgramRun answer = run(Map.of("JAVA_HOME", dir.resolve("jdk11").toString()), "audit", "--help");

        assertThat(answer.exitCode()).isEqualTo(2);
        assertThat(answer.output()).contains("is version 11.0.2: needs Java 17 to 23; set JAVA_HOME to one");
        assertThat(run(Map.of("JAVA_HOME", dir.resolve("none").toString()), "audit")
                        .output())
                .contains("is no program");
    }

    @Test
    void runsFromAnotherFolderThroughALinkWithOptions() throws Exception {
        Path link = Files.createSymbolicLink(dir.resolve("breakwater"), launcher);

        ProgramRun answer = ProgramRun.of(
                dir,
                Map.of("BREAKWATER_OPTS", "-Xmx64m -Xlog:disable"),
                link,
                "audit",
                "keygen",
                "--name",
                "breakwater/a",
                "--key-file",
                "a key",
                "--vkey-file",
                "a vkey");

        assertThat(answer.exitCode()).as(answer.output()).isZero();
        assertThat(Files.readString(dir.resolve("a vkey"))).startsWith("breakwater/a+");
    }

    private List<Path> parts() throws IOException {
        try (Stream<Path> parts = Files.list(home.resolve("parts"))) {
            return parts.toList();
        }
    }

    private List<String> commands() throws IOException {
        List<String> commands = new ArrayList<>();
        for (Path part : parts()) {
            Path file = part.resolve("commands");
            if (Files.exists(file)) {
                Files.readAllLines(file).stream()
                        .filter(line -> !line.isBlank())
                        .forEach(line -> commands.add(line.split(" ", 2)[0]));
            }
        }
        return commands;
    }

    private ProgramRun run(Map<String, String> environment, String... arguments) throws Exception {
        return ProgramRun.of(dir, environment, launcher, arguments);
    }
}
