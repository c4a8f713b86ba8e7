package io.breakwater.replicator.flink;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.breakwater.region.FlinkRest;
import io.breakwater.region.ObjectUri;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/** A JobManager's REST API with one job, whose checkpoints complete when a test says so. Answers as Flink 2.2.1. */
final class FakeFlink implements AutoCloseable {

    static final String JOB = "delays";

    /** How it answers. */
    enum Health {
        WELL,
        /** It has restarted, and does not know the job yet. */
        RESTARTED,
        /** No answer comes. */
        SLOW
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Semaphore slow = new Semaphore(0);
    private final ObjectUri checkpoints;
    private volatile Health health = Health.WELL;
    private volatile String state = "RUNNING";
    private volatile int newest;
    private volatile long clock;
    private volatile int told;
    private volatile int atEachLook;
    private final AtomicInteger restores = new AtomicInteger();
    private volatile String savepointOutcome = "";

    /** @param checkpoints the directory of the job's {@code chk-N} */
    FakeFlink(ObjectUri checkpoints) throws IOException {
        this.checkpoints = checkpoints;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.setExecutor(threads);
        server.start();
    }

    FlinkRest client() {
        return new FlinkRest(
                URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/"), Duration.ofSeconds(1));
    }

    void health(Health now) {
        health = now;
    }

    void state(String now) {
        state = now;
    }

    void completed(int checkpoint) {
        newest = checkpoint;
    }

    /** @param millis what the JobManager takes for the time */
    void clock(long millis) {
        clock = millis;
    }

    /** From now on one more is complete each time after somebody has asked. */
    void completesOneAtEachLook() {
        atEachLook = 1;
    }

    /** The newest one when somebody asked last. */
    int told() {
        return told;
    }

    void restored() {
        restores.incrementAndGet();
    }

    /** @param operation what a triggered savepoint comes to, as JSON */
    void savepoint(String operation) {
        savepointOutcome = operation;
    }

    ObjectUri checkpoint(int id) {
        return checkpoints.resolve("chk-" + id);
    }

    private void answer(HttpExchange exchange) throws IOException {
        if (health == Health.SLOW) {
            slow.acquireUninterruptibly();
        }
        String path = exchange.getRequestURI().getPath();
        byte[] body = body(path).getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(body.length == 0 ? 404 : 200, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private String body(String path) {
        if (path.equals("/jobs/overview")) {
            return health == Health.RESTARTED
                    ? "{\"jobs\":[]}"
                    : "{\"jobs\":[{\"jid\":\"j1\",\"name\":\"" + JOB + "\",\"state\":\"" + state
                            + "\",\"start-time\":1000}]}";
        }
        if (path.equals("/jobs/j1/checkpoints") && health == Health.WELL) {
            told = newest;
            newest = told + atEachLook;
            return "{\"counts\":{\"restored\":" + restores + ",\"completed\":" + told
                    + "},\"latest\":{\"completed\":{\"id\":" + told
                    + ",\"is_savepoint\":false,\"trigger_timestamp\":" + told * 1_000L + ",\"external_path\":\""
                    + checkpoint(told) + "\"},\"restored\":null}}";
        }
        if (path.equals("/jobs/j1")) {
            return "{\"jid\":\"j1\",\"now\":" + clock + "}";
        }
        if (path.equals("/jobs/j1/savepoints")) {
            return "{\"request-id\":\"s1\"}";
        }
        if (path.equals("/jobs/j1/savepoints/s1")) {
            return "{\"status\":{\"id\":\"COMPLETED\"},\"operation\":" + savepointOutcome + "}";
        }
        return "";
    }

    /** May be called twice. */
    @Override
    public void close() {
        if (threads.isShutdown()) {
            return;
        }
        slow.release(1_000);
        server.stop(0);
        threads.shutdownNow();
    }
}
