package io.breakwater.local.server;

import io.breakwater.local.process.Progress;
import io.breakwater.local.process.ServerFailedException;
import io.breakwater.local.process.ServerProcess;
import java.util.List;

/** A server that can be killed and started again with its data, on the same ports. Not for concurrent use. */
public interface Server extends AutoCloseable {

    String name();

    /** Its processes, running or not. */
    List<ServerProcess> processes();

    /** Starts its processes, and returns before they serve. */
    void launch() throws InterruptedException;

    /** @throws ServerFailedException if it dies, or does not serve in time */
    void awaitReady(Progress progress) throws InterruptedException;

    default void start(Progress progress) throws InterruptedException {
        launch();
        awaitReady(progress);
    }

    /** SIGKILL to all of its processes; returns when they are gone. */
    default void kill() {
        processes().forEach(ServerProcess::signalKill);
        processes().forEach(ServerProcess::kill);
    }

    @Override
    default void close() {
        kill();
    }
}
