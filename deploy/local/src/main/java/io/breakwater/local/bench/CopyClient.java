package io.breakwater.local.bench;

import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.local.process.ServerFailedException;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.local.server.S3Server;
import io.breakwater.platform.Json;
import io.breakwater.region.ObjectUri;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * {@code breakwater objects copy --from-input}, a process that lives over all rounds as a replicator does. It ends when
 * this one does, because its input ends.
 */
final class CopyClient implements AutoCloseable {

    private static final String HEAP = "-Xmx240m -Xmn48m -XX:+UseSerialGC -XX:MaxDirectMemorySize=32m";

    private final Process process;
    private final Writer commands;
    private final BufferedReader answers;
    private final Path log;

    CopyClient(ProjectLayout layout, StorePair stores, Path directory) {
        this.log = directory.resolve("copy-client.log");
        ProcessBuilder builder = new ProcessBuilder(List.of(
                        layout.launcher().toString(),
                        "objects",
                        "copy",
                        "--from-input",
                        "--json",
                        "--source-endpoint",
                        stores.source().endpoint().toString(),
                        "--endpoint",
                        stores.target().endpoint().toString()))
                .redirectError(log.toFile());
        builder.environment()
                .putAll(Map.of(
                        "JAVA_HOME",
                        System.getProperty("java.home"),
                        "BREAKWATER_OPTS",
                        HEAP,
                        "AWS_ACCESS_KEY_ID",
                        S3Server.ACCESS_KEY,
                        "AWS_SECRET_ACCESS_KEY",
                        S3Server.SECRET_KEY));
        try {
            this.process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.commands = process.outputWriter(StandardCharsets.UTF_8);
        this.answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /**
     * Copies a prefix as a whole.
     *
     * @return how long it took, in seconds, from the command to the answer
     */
    double seconds(ObjectUri from, ObjectUri to, int objects) {
        long began = System.nanoTime();
        try {
            commands.write(from + " " + to + "\n");
            commands.flush();
            String line = answers.readLine();
            double seconds = (System.nanoTime() - began) / 1e9;
            if (line == null) {
                throw new ServerFailedException("the copy client ended; see " + log);
            }
            JsonNode answer = Json.MAPPER.readTree(line);
            if (answer.path("copied").asInt() != objects) {
                throw new ServerFailedException("not " + objects + " copied: " + line);
            }
            return seconds;
        } catch (IOException e) {
            throw new ServerFailedException("the copy client ended (" + e.getMessage() + "); see " + log, e);
        }
    }

    /** The largest resident memory that the process has had so far, in MiB, as the kernel counts it. */
    double peakMebibytes() {
        return PeakMemory.mebibytes(process.pid());
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
