package io.breakwater.local.flights;

import io.breakwater.local.process.Launch;
import io.breakwater.local.process.ServerProcess;
import io.breakwater.local.server.ProjectLayout;
import java.nio.file.Path;
import java.util.List;

/** A table mirror's task in a process of its own, to be killed: quicker to be back than a Connect worker. */
public final class MirrorProcess {

    private MirrorProcess() {}

    /** Follows the tables of a platform file until it is killed. */
    public static void main(String[] args) throws InterruptedException {
        try (MirrorRun mirror = new MirrorRun(Path.of(args[0]))) {
            while (!Thread.currentThread().isInterrupted()) {
                mirror.poll();
            }
        }
    }

    static ServerProcess of(Path platformFile, Path directory) {
        return new ServerProcess(Launch.java(
                "mirror",
                System.getProperty("java.class.path"),
                List.of("-Xmx192m", "-Dbreakwater.root=" + ProjectLayout.find().root()),
                List.of(MirrorProcess.class.getName(), platformFile.toString()),
                directory,
                directory.resolve("mirror.log")));
    }
}
