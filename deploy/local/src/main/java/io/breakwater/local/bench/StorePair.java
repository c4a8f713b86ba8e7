package io.breakwater.local.bench;

import io.breakwater.local.process.Progress;
import io.breakwater.local.quickstart.Directories;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.local.server.S3Server;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.S3ObjectStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** Two S3 servers at full speed, a bucket each. Not for concurrent use. */
final class StorePair implements AutoCloseable {

    static final String BUCKET = "bench";
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final Path directory;
    private final S3Server source;
    private final S3Server target;

    /** @param directory empty or absent */
    StorePair(ProjectLayout layout, Path directory) {
        this.directory = directory;
        this.source = S3Server.atFullSpeed(layout, "s3-source", directory.resolve("source"), Map.of("bench", BUCKET));
        this.target = S3Server.atFullSpeed(layout, "s3-target", directory.resolve("target"), Map.of("bench", BUCKET));
    }

    void start(Progress progress) throws InterruptedException {
        source.launch();
        target.launch();
        source.awaitReady(progress);
        target.awaitReady(progress);
    }

    S3Server source() {
        return source;
    }

    S3Server target() {
        return target;
    }

    ObjectStore connectSource() {
        return S3ObjectStore.connect(source.site(), TIMEOUT);
    }

    /** A prefix, the same in both stores. */
    ObjectUri place(String prefix) {
        return new ObjectUri(BUCKET, prefix + "/");
    }

    ObjectStore connectTarget() {
        return S3ObjectStore.connect(target.site(), TIMEOUT);
    }

    /** The server's own files of a prefix: with their attributes they are all that it keeps. */
    Path filesAtSource(String prefix) {
        return directory.resolve("source/objects").resolve(BUCKET).resolve(prefix);
    }

    Path filesAtTarget(String prefix) {
        return directory.resolve("target/objects").resolve(BUCKET).resolve(prefix);
    }

    /** Straight in its folder: the server keeps nothing else, and no benchmark measures deletes. */
    void deleteAtTarget(String prefix) {
        Directories.delete(filesAtTarget(prefix));
    }

    @Override
    public void close() {
        source.close();
        target.close();
    }
}
