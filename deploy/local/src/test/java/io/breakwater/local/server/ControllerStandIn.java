package io.breakwater.local.server;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** Answers lease pulls as a controller would, with what the test grants; until then with HTTP 503. */
final class ControllerStandIn implements AutoCloseable {

    /** What is granted; no grant means no answer. */
    record Grant(boolean ingress, boolean pipeline, long leaseMillis) {}

    private static final Grant NOTHING = new Grant(false, false, 0);

    private final HttpServer server;
    private final String token;
    private Grant grant = NOTHING;
    private boolean answering;
    private long epoch = 1;
    private long answers;
    private long lastAnswerAt;

    ControllerStandIn(String token) throws IOException {
        this.token = token;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v1/regions/east/lease", this::answer);
        server.start();
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    synchronized void grant(boolean ingress, boolean pipeline, long leaseMillis) {
        grant = new Grant(ingress, pipeline, leaseMillis);
        answering = true;
        epoch++;
    }

    synchronized void fallSilent() {
        answering = false;
    }

    synchronized long answers() {
        return answers;
    }

    /** On {@link System#nanoTime()}'s scale, when the last answered pull had come in. */
    synchronized long lastAnswerAt() {
        return lastAnswerAt;
    }

    private void answer(HttpExchange exchange) throws IOException {
        long cameAt = System.nanoTime();
        exchange.getRequestBody().readAllBytes();
        boolean known = ("Bearer " + token).equals(exchange.getRequestHeaders().getFirst("Authorization"));
        byte[] body;
        int status;
        synchronized (this) {
            status = known ? answering ? 200 : 503 : 401;
            body = json().getBytes(StandardCharsets.UTF_8);
            if (status == 200) {
                answers++;
                lastAnswerAt = cameAt;
            }
        }
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private String json() {
        return "{\"region\":\"east\",\"groups\":[{\"group\":\"flights\",\"active\":true,\"epoch\":" + epoch
                + ",\"ingress\":" + grant.ingress + ",\"pipeline\":" + grant.pipeline + ",\"leaseMillis\":"
                + grant.leaseMillis
                + ",\"topics\":[\"flights\\\\..*\"],\"consumerGroups\":[\"flights-.*\"],"
                + "\"pipelinePrincipals\":[\"User:pipeline\"]}]}";
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
