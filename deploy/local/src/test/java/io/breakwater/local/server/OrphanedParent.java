package io.breakwater.local.server;

import io.breakwater.local.process.Progress;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** Starts a server, says its pid, and waits to be killed. */
public final class OrphanedParent {

    private OrphanedParent() {}

    public static void main(String[] args) throws InterruptedException {
        S3Server server = S3Server.in(ProjectLayout.find(), "s3-orphan", Path.of(args[0]), Map.of("lake", "lake-o"));
        server.start(Progress.to(System.err));
        System.out.println(server.processes().get(0).pid().orElseThrow());
        new CountDownLatch(1).await();
    }
}
