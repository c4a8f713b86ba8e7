package io.breakwater.local.copy;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.local.process.ProgramRun;
import io.breakwater.local.process.Progress;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.local.server.S3Server;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStore.ObjectInfo;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.S3ObjectStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Buckets that are part of the host's name, as AWS has them, on a real S3 server that checks signatures. */
class VirtualHostIT {

    private static final Progress PROGRESS = Progress.to(System.out);
    private static final int LARGE = 11 << 20;

    @TempDir
    private Path directory;

    @Test
    void objectsAreCopiedToABucketThatIsPartOfTheHost() throws Exception {
        ProjectLayout layout = ProjectLayout.find();
        // What no name server knows, a JVM finds here; it then asks no name server at all.
        Path hosts =
                Files.writeString(directory.resolve("hosts"), "127.0.0.1 localhost\n127.0.0.1 lake-west.localhost\n");
        try (S3Server east = S3Server.in(layout, "s3-east", directory.resolve("east"), Map.of("lake", "lake-east"));
                S3Server west = S3Server.withVirtualHost(
                        layout, "s3-west", directory.resolve("west"), Map.of("lake", "lake-west"))) {
            east.start(PROGRESS);
            west.start(PROGRESS);
            try (ObjectStore source = S3ObjectStore.connect(east.site(), Duration.ofSeconds(10));
                    ObjectStore byPath = S3ObjectStore.connect(west.site(), Duration.ofSeconds(10))) {
                put(source, "in/plain.txt", 20_000);
                put(source, "in/with blank + ü/ñ=1.txt", 3);
                put(source, "in/large.bin", LARGE);

                List<String> command = new ArrayList<>(List.of("objects", "copy"));
                command.addAll(List.of("s3://lake-east/in/", "s3://lake-west/in/", "--part-mib", "5"));
                command.addAll(List.of("--source-endpoint", east.endpoint().toString()));
                command.addAll(List.of("--source-access-key", S3Server.ACCESS_KEY));
                command.addAll(List.of("--source-secret-key", S3Server.SECRET_KEY));
                command.addAll(List.of("--endpoint", west.endpoint().toString()));
                command.addAll(List.of("--addressing", "virtual"));
                command.addAll(List.of("--access-key", S3Server.ACCESS_KEY, "--secret-key", S3Server.SECRET_KEY));
                ProgramRun run = ProgramRun.of(
                        directory,
                        Map.of("BREAKWATER_OPTS", "-Djdk.net.hosts.file=" + hosts),
                        layout.launcher(),
                        command.toArray(String[]::new));

                assertThat(run.exitCode()).as(run.output()).isZero();
                List<ObjectInfo> meant = source.list(new ObjectUri("lake-east", "in/"));
                assertThat(meant).hasSize(3);
                for (ObjectInfo object : meant) {
                    assertThat(byPath.get(
                                    new ObjectUri("lake-west", object.uri().key())))
                            .as(object.uri().key())
                            .contains(source.get(object.uri()).orElseThrow());
                }
                assertThat(byPath.head(new ObjectUri("lake-west", "in/large.bin"))
                                .orElseThrow()
                                .etag())
                        .as("in parts")
                        .endsWith("-3");
            }
        }
    }

    private static void put(ObjectStore store, String key, int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        store.put(new ObjectUri("lake-east", key), bytes);
    }
}
