package io.breakwater.local.server;

import io.breakwater.local.process.FreePorts;
import io.breakwater.local.process.Launch;
import io.breakwater.local.process.Progress;
import io.breakwater.local.process.ServerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Apicurio Registry with all that it knows in topics of a Kafka cluster ({@code kafkasql-journal}), which it reads from
 * the beginning when it starts.
 */
public final class RegistryServer implements Server {

    private static final Duration START_LIMIT = Duration.ofMinutes(2);
    private static final int OK = 200;
    private static final int JAVA = 21;
    private static final Path INSTALLED = Path.of("/usr/lib/jvm");
    private static final Pattern VERSION = Pattern.compile("JAVA_VERSION=\"(\\d+)");

    private final Path directory;
    private final int port = FreePorts.next();
    private final ServerProcess process;

    /**
     * @param javaHome of {@link #javaHome}
     * @param directory for its log
     */
    public RegistryServer(ProjectLayout layout, String name, Path javaHome, Path directory, KafkaServer kafka) {
        this.directory = directory;
        List<String> command = new ArrayList<>();
        command.add(javaHome.resolve("bin/java").toString());
        command.add("-Xmx320m");
        Map.of(
                        "quarkus.http.host",
                        "127.0.0.1",
                        "quarkus.http.port",
                        String.valueOf(port),
                        "quarkus.management.host",
                        "127.0.0.1",
                        "quarkus.management.port",
                        String.valueOf(FreePorts.next()),
                        "apicurio.storage.kind",
                        "kafkasql",
                        "apicurio.kafkasql.bootstrap.servers",
                        kafka.bootstrap())
                .forEach((key, value) -> command.add("-D" + key + "=" + value));
        Principal.APP
                .clientSettings()
                .forEach((key, value) -> command.add("-Dapicurio.kafka.common." + key + "=" + value));
        command.addAll(List.of("-jar", layout.registry().toString()));
        this.process =
                new ServerProcess(new Launch(name, command, Map.of(), directory, directory.resolve(name + ".log")));
    }

    /** A Java that it runs on: {@code REGISTRY_JAVA_HOME}, or one that the system has installed. */
    public static Optional<Path> javaHome() {
        Stream<Path> named =
                Stream.ofNullable(System.getenv("REGISTRY_JAVA_HOME")).map(Path::of);
        return Stream.concat(named, installed())
                .filter(RegistryServer::isNewEnough)
                .findFirst();
    }

    private static Stream<Path> installed() {
        if (!Files.isDirectory(INSTALLED)) {
            return Stream.empty();
        }
        try (Stream<Path> homes = Files.list(INSTALLED)) {
            return homes.sorted().toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isNewEnough(Path home) {
        Path release = home.resolve("release");
        if (!Files.isReadable(release) || !Files.isExecutable(home.resolve("bin/java"))) {
            return false;
        }
        try {
            Matcher version = VERSION.matcher(Files.readString(release));
            return version.find() && Integer.parseInt(version.group(1)) >= JAVA;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Of the interface that Confluent's registry has too. */
    public URI subjects() {
        return URI.create("http://127.0.0.1:" + port + "/apis/ccompat/v7/subjects");
    }

    @Override
    public String name() {
        return process.name();
    }

    @Override
    public List<ServerProcess> processes() {
        return List.of(process);
    }

    @Override
    public void launch() {
        ServerFiles.createDirectory(directory);
        process.launch();
    }

    @Override
    public void awaitReady(Progress progress) throws InterruptedException {
        process.awaitReady(new HttpProbe(subjects(), response -> response.statusCode() == OK), START_LIMIT, progress);
    }
}
