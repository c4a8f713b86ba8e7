package io.breakwater.controller;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports of 127.0.0.1 for servers that come up later, go down, and come back. They lie below the range from which the
 * system takes ports for outgoing connections, and each JVM takes whole blocks of its own, which it holds by listening
 * on the first of each: of two JVMs that look at the same time for what is free, both find the same.
 */
public final class FreePort {

    private static final int LOWEST = 10_000;
    private static final int BLOCK = 50;
    private static final int BLOCKS = 200;

    private static final List<ServerSocket> HELD = new ArrayList<>();
    private static int last;
    private static int end;

    private FreePort() {}

    /** One that this JVM was not given before, and no other has. */
    public static synchronized int next() throws IOException {
        while (true) {
            if (last == end) {
                takeBlock();
            }
            last++;
            try (ServerSocket socket = listen(last)) {
                return socket.getLocalPort();
            } catch (BindException e) {
                // A server of this machine has it: the next one.
            }
        }
    }

    private static void takeBlock() throws IOException {
        while (true) {
            int first = LOWEST + ThreadLocalRandom.current().nextInt(BLOCKS) * BLOCK;
            try {
                HELD.add(listen(first));
                last = first;
                end = first + BLOCK - 1;
                return;
            } catch (BindException e) {
                // Another JVM's.
            }
        }
    }

    private static ServerSocket listen(int port) throws IOException {
        return new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
    }
}
