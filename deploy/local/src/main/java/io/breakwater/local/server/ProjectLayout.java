package io.breakwater.local.server;

import io.breakwater.local.process.ServerFailedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where the build has put what the local platform runs. */
public record ProjectLayout(Path root) {

    /**
     * From the system property {@code breakwater.root}, else the folder of the Maven wrapper at or above the
     * working directory.
     *
     * @throws ServerFailedException if neither is there
     */
    public static ProjectLayout find() {
        String property = System.getProperty("breakwater.root");
        if (property != null) {
            return new ProjectLayout(Path.of(property).toAbsolutePath());
        }
        for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            if (Files.exists(at.resolve("mvnw"))) {
                return new ProjectLayout(at);
            }
        }
        throw new ServerFailedException("no mvnw at or above the working directory: run inside the project");
    }

    /** Below it, everything that the local platform writes. */
    public Path target() {
        return root.resolve("deploy/local/target");
    }

    /** @param server {@code kafka}, {@code s3proxy}, {@code flink} or, with {@code -Dfull}, {@code spark} */
    public String classPath(String server) {
        Path file = root.resolve("deploy/local/servers").resolve(server).resolve("target/classpath");
        try {
            return Files.readString(built(file)).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Path flinkPlugins() {
        return built(root.resolve("deploy/local/servers/flink/target/plugins"));
    }

    /** The program of a schema registry, which the build has with {@code -Dfull} only. */
    public Path registry() {
        return built(root.resolve("deploy/local/servers/registry/target/registry/quarkus-run.jar"));
    }

    /** What runs SQL in Spark, whose own class path is {@code classPath("spark")}: built with {@code -Dfull} only. */
    public Path sparkProgram() {
        return built(root.resolve("deploy/local/servers/spark/target/classes"));
    }

    /** The launcher of the archive, as it lies exploded in the build. */
    public Path launcher() {
        return built(root.resolve("deploy/dist/target/breakwater/bin/breakwater"));
    }

    public Path flightsJob() {
        Path folder = root.resolve("deploy/local/flights-job/target");
        try (var files = Files.list(built(folder))) {
            return files.filter(file -> file.toString().endsWith("-job.jar"))
                    .findFirst()
                    .orElseThrow(() -> notBuilt(folder.resolve("*-job.jar")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The folder of runbooks that the controller runs. */
    public Path runbooks() {
        return built(root.resolve("deploy/dist/target/breakwater/runbooks"));
    }

    private static Path built(Path path) {
        if (!Files.exists(path)) {
            throw notBuilt(path);
        }
        return path;
    }

    private static ServerFailedException notBuilt(Path path) {
        return new ServerFailedException(path + " is missing: build first, ./mvnw package -DskipTests");
    }
}
