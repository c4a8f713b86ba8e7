package io.breakwater.local.flights;

import io.breakwater.local.process.Progress;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.local.server.S3Server;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.S3ObjectStore;
import io.breakwater.verification.delta.TableReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** Two S3 servers with a lake each, of which one is the source and the other has the replicas at the same paths. */
final class LakePair implements AutoCloseable {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    final S3Server east;
    final S3Server west;
    final ObjectStore source;
    final ObjectStore target;

    LakePair(Path directory) throws InterruptedException {
        ProjectLayout layout = ProjectLayout.find();
        east = S3Server.in(layout, "s3-east", directory.resolve("s3-east"), Map.of("lake", "lake-east"));
        west = S3Server.in(layout, "s3-west", directory.resolve("s3-west"), Map.of("lake", "lake-west"));
        east.launch();
        west.launch();
        east.awaitReady(Progress.to(System.out));
        west.awaitReady(Progress.to(System.out));
        source = S3ObjectStore.connect(east.site(), TIMEOUT);
        target = S3ObjectStore.connect(west.site(), TIMEOUT);
    }

    static ObjectUri original(String path) {
        return new ObjectUri("lake-east", path);
    }

    static ObjectUri replica(String path) {
        return new ObjectUri("lake-west", path);
    }

    DeltaLogFiles sourceLog(String path) {
        return new DeltaLogFiles(source, original(path));
    }

    DeltaLogFiles targetLog(String path) {
        return new DeltaLogFiles(target, replica(path));
    }

    TableReader sourceReader(String path) {
        return new TableReader(source, original(path));
    }

    TableReader targetReader(String path) {
        return new TableReader(target, replica(path));
    }

    @Override
    public void close() {
        source.close();
        target.close();
        east.close();
        west.close();
    }
}
