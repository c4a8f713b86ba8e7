package io.breakwater.local.active;

import io.breakwater.local.Links;
import io.breakwater.local.process.FreePorts;
import io.breakwater.local.process.Progress;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Forwards TCP connections between servers, and holds back the bytes of each direction that is cut, the ends of
 * connections too. As on a real network that heals, what was held back arrives late, also from a sender that has long
 * given up. Thread-safe.
 */
final class CutNetwork implements Links, AutoCloseable {

    private static final int BUFFER = 16 * 1024;
    private static final int CONNECT_MILLIS = 5_000;

    private record Direction(String from, String to) {}

    private final Progress progress = Progress.to(System.out);
    private final List<Closeable> sockets = new CopyOnWriteArrayList<>();
    private final Set<Direction> cut = new HashSet<>();
    private boolean closed;

    @Override
    public boolean direct() {
        return false;
    }

    @Override
    public int port(String from, String to, int port) {
        return listen(from + " to " + to, client -> forward(client, from, to, port));
    }

    /** What one of these sends to one of those does not arrive, until {@link #heal}. */
    synchronized void cut(Collection<String> from, Collection<String> to) {
        from.forEach(sender -> to.forEach(receiver -> cut.add(new Direction(sender, receiver))));
        progress.line("cut: " + from + " to " + to);
    }

    void cutBothWays(Collection<String> these, Collection<String> those) {
        cut(these, those);
        cut(those, these);
    }

    synchronized void heal() {
        cut.clear();
        progress.line("cuts healed");
        notifyAll();
    }

    private interface Connected {
        void serve(Socket client) throws IOException;
    }

    private int listen(String name, Connected connected) {
        int port = FreePorts.next();
        try {
            ServerSocket listening = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
            sockets.add(listening);
            thread(name, () -> {
                while (true) {
                    Socket client = listening.accept();
                    sockets.add(client);
                    thread(name, () -> connected.serve(client));
                }
            });
            return port;
        } catch (IOException e) {
            throw new IllegalStateException("port " + port + " is taken", e);
        }
    }

    private interface Work {
        void run() throws IOException, InterruptedException;
    }

    private void thread(String name, Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException e) {
                        // A connection that ended, at one of its ends or by close(): both of its pumps end.
                        Thread.currentThread().interrupt();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
    }

    private void forward(Socket client, String from, String to, int port) throws IOException {
        Socket server = new Socket();
        sockets.add(server);
        try {
            server.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MILLIS);
        } catch (IOException e) {
            client.close();
            throw e;
        }
        client.setTcpNoDelay(true);
        server.setTcpNoDelay(true);
        thread(from + " to " + to, () -> pump(client, server, new Direction(from, to)));
        thread(to + " back to " + from, () -> pump(server, client, new Direction(to, from)));
    }

    private void pump(Socket from, Socket to, Direction direction) throws IOException, InterruptedException {
        byte[] buffer = new byte[BUFFER];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            int read = in.read(buffer);
            while (read >= 0) {
                awaitLink(direction);
                out.write(buffer, 0, read);
                read = in.read(buffer);
            }
        } finally {
            awaitLink(direction);
            to.close();
            sockets.remove(to);
        }
    }

    private synchronized void awaitLink(Direction direction) throws InterruptedException {
        while (cut.contains(direction) && !closed) {
            wait();
        }
    }

    @Override
    public void close() throws IOException {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        for (Closeable socket : sockets) {
            socket.close();
        }
    }
}
