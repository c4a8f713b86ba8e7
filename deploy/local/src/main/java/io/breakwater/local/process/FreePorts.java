package io.breakwater.local.process;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Ports of 127.0.0.1 for servers that are killed and come back to the same port. They lie below the range from
 * which the system takes ports for outgoing connections: a client that retries a dead server could else be given
 * that very port, connect to itself, and keep the server from coming back.
 *
 * <p>A port is given out seconds before its server listens there, so that several JVMs could choose the same. Each
 * therefore takes whole blocks: it listens on the first port of a block as long as it lives, and the others are its own.
 */
public final class FreePorts {

    private static final byte[] LOOPBACK = {127, 0, 0, 1};
    private static final int CONNECT_MILLIS = 1_000;
    private static final int LOWEST = 20_000;
    private static final int HIGHEST = 32_000;
    private static final int BLOCK = 100;
    private static final int ATTEMPTS = 2_000;

    /** Of the blocks that this JVM has taken: not yet given out. */
    private static final Queue<Integer> LEFT = new ArrayDeque<>();
    /** By which it holds them. */
    private static final List<ServerSocket> HELD = new ArrayList<>();

    private FreePorts() {}

    /**
     * A port that is free now and was not given out by this JVM before, and is not by another one.
     *
     * @throws ServerFailedException if there is none
     */
    public static synchronized int next() {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            @Nullable Integer port = LEFT.poll();
            if (port == null) {
                takeBlock();
            } else if (isFree(port)) {
                return port;
            }
        }
        throw new ServerFailedException("no free port of 127.0.0.1 between " + LOWEST + " and " + HIGHEST
                + ": end what listens there (see: ss -ltnp)");
    }

    private static void takeBlock() {
        int first = ThreadLocalRandom.current().nextInt(LOWEST / BLOCK, HIGHEST / BLOCK) * BLOCK;
        try {
            HELD.add(listen(first));
        } catch (BindException e) {
            return; // another JVM's
        } catch (IOException e) {
            throw failed(first, e);
        }
        for (int port = first + 1; port < first + BLOCK; port++) {
            LEFT.add(port);
        }
    }

    /** Whether a server could listen on this port of 127.0.0.1 now. */
    public static boolean isFree(int port) {
        try (ServerSocket socket = listen(port)) {
            return socket.isBound();
        } catch (BindException e) {
            return false;
        } catch (IOException e) {
            throw failed(port, e);
        }
    }

    /** Whether a server listens on this port of 127.0.0.1; asking does not take the port away from one that starts. */
    public static boolean isServed(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getByAddress(LOOPBACK), port), CONNECT_MILLIS);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static ServerSocket listen(int port) throws IOException {
        return new ServerSocket(port, 1, InetAddress.getByAddress(LOOPBACK));
    }

    private static ServerFailedException failed(int port, IOException why) {
        return new ServerFailedException("port " + port + " of 127.0.0.1: " + why.getMessage(), why);
    }
}
