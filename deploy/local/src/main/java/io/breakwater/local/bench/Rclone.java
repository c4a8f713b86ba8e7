package io.breakwater.local.bench;

import io.breakwater.local.process.ServerFailedException;
import io.breakwater.local.server.S3Server;
import io.breakwater.region.ObjectUri;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The peer: rclone between the same stores, with its own checks of MD5 on both sides. */
final class Rclone {

    private static final Duration LIMIT = Duration.ofMinutes(10);
    private static final List<String> OPTIONS =
            List.of("--transfers", "16", "--checkers", "16", "--s3-no-check-bucket");

    private final StorePair stores;
    private final Path log;

    Rclone(StorePair stores, Path directory) {
        this.stores = stores;
        this.log = directory.resolve("rclone.log");
    }

    /** @throws ServerFailedException if it is not installed; the message says how that is done */
    static void require() throws InterruptedException {
        try {
            Process version = new ProcessBuilder("rclone", "version")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (version.waitFor() != 0) {
                throw new ServerFailedException("'rclone version' failed: install rclone anew");
            }
        } catch (IOException e) {
            throw new ServerFailedException(
                    "rclone is what this benchmark measures against, and is not installed: apt-get install rclone", e);
        }
    }

    /** @return how long the whole process took, in seconds */
    double copySeconds(ObjectUri from, ObjectUri to) throws InterruptedException {
        return seconds("copy", from, to);
    }

    /**
     * Makes the target as the source is, by size and time of modification.
     *
     * @return how long the whole process took, in seconds
     */
    double syncSeconds(ObjectUri from, ObjectUri to) throws InterruptedException {
        return seconds("sync", from, to);
    }

    private double seconds(String command, ObjectUri from, ObjectUri to) throws InterruptedException {
        List<String> words = new ArrayList<>(List.of(
                "rclone",
                command,
                "source:" + from.bucket() + "/" + from.key(),
                "target:" + to.bucket() + "/" + to.key()));
        words.addAll(OPTIONS);
        ProcessBuilder builder = new ProcessBuilder(words)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        Map<String, String> environment = builder.environment();
        environment.remove("AWS_CA_BUNDLE"); // rclone fails on one that does not fit, also on plain HTTP
        environment.put("RCLONE_CONFIG", "/notfound");
        remote(environment, "SOURCE", stores.source());
        remote(environment, "TARGET", stores.target());
        long began = System.nanoTime();
        try {
            Process process = builder.start();
            if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new ServerFailedException("rclone did not end within " + LIMIT + "; see " + log);
            }
            if (process.exitValue() != 0) {
                throw new ServerFailedException("rclone failed with " + process.exitValue() + "; see " + log);
            }
        } catch (IOException e) {
            throw new ServerFailedException("rclone did not start: " + e.getMessage(), e);
        }
        return (System.nanoTime() - began) / 1e9;
    }

    private static void remote(Map<String, String> environment, String name, S3Server server) {
        String prefix = "RCLONE_CONFIG_" + name + "_";
        environment.putAll(Map.of(
                prefix + "TYPE",
                "s3",
                prefix + "PROVIDER",
                "Other",
                prefix + "ENDPOINT",
                server.endpoint().toString(),
                prefix + "ACCESS_KEY_ID",
                S3Server.ACCESS_KEY,
                prefix + "SECRET_ACCESS_KEY",
                S3Server.SECRET_KEY));
    }
}
