package io.breakwater.local.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.local.server.Server;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** Signals to servers, by {@code kill}. */
public enum Signals {
    STOP,
    CONT;

    private static final long LIMIT_SECONDS = 30;

    /** To all processes of each server. */
    public void send(Server... servers) throws IOException, InterruptedException {
        for (Server server : servers) {
            for (ServerProcess process : server.processes()) {
                for (long pid : process.pids().toList()) {
                    Process kill = new ProcessBuilder("kill", "-" + name(), Long.toString(pid))
                            .inheritIO()
                            .start();
                    assertThat(kill.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
                    assertThat(kill.exitValue()).as("kill -%s %s", name(), pid).isZero();
                }
            }
            Progress.to(System.out).line("SIG" + name() + " to " + server.name());
        }
    }
}
