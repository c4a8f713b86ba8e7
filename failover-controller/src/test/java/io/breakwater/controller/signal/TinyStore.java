package io.breakwater.controller.signal;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/** As much of S3's protocol as one object needs: put, list, get. */
final class TinyStore implements AutoCloseable {

    private static final int CREATED = 200;
    private static final int NOT_FOUND = 404;
    private static final byte[] MISSING =
            "<Error><Code>NoSuchKey</Code><Message>none</Message></Error>".getBytes(StandardCharsets.UTF_8);

    private final Map<String, byte[]> objects = new ConcurrentHashMap<>();
    private final HttpServer server;
    /** What a reader gets instead. */
    private volatile UnaryOperator<byte[]> readAs = bytes -> bytes;

    TinyStore() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    void readAs(UnaryOperator<byte[]> other) {
        readAs = other;
    }

    void loseAll() {
        objects.clear();
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        byte[] body = exchange.getRequestBody().readAllBytes();
        if (exchange.getRequestMethod().equals("PUT")) {
            objects.put(path, unchunked(exchange, body));
            send(exchange, CREATED, new byte[0]);
        } else if (String.valueOf(exchange.getRequestURI().getQuery()).contains("list-type=2")) {
            send(exchange, CREATED, listing(path).getBytes(StandardCharsets.UTF_8));
        } else {
            byte[] object = objects.get(path);
            send(exchange, object == null ? NOT_FOUND : CREATED, object == null ? MISSING : readAs.apply(object));
        }
    }

    /** The SDK signs a body in chunks: {@code length;chunk-signature=…}, a line end, the bytes. */
    private static byte[] unchunked(HttpExchange exchange, byte[] body) {
        String length = exchange.getRequestHeaders().getFirst("x-amz-decoded-content-length");
        if (length == null) {
            return body;
        }
        String text = new String(body, StandardCharsets.ISO_8859_1);
        int from = text.indexOf("\r\n") + 2;
        return text.substring(from, from + Integer.parseInt(length)).getBytes(StandardCharsets.ISO_8859_1);
    }

    private String listing(String bucket) {
        StringBuilder xml = new StringBuilder(
                "<?xml version=\"1.0\"?>"
                        + "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><IsTruncated>false</IsTruncated>");
        String prefix = bucket.endsWith("/") ? bucket : bucket + "/";
        objects.forEach((path, bytes) -> xml.append("<Contents><Key>")
                .append(path.substring(prefix.length()))
                .append("</Key><LastModified>2026-11-22T03:00:00.000Z</LastModified><ETag>&quot;0&quot;</ETag><Size>")
                .append(bytes.length)
                .append("</Size></Contents>"));
        return xml.append("</ListBucketResult>").toString();
    }

    private static void send(HttpExchange exchange, int status, byte[] bytes) throws IOException {
        exchange.getResponseHeaders().set("ETag", "\"0\"");
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
