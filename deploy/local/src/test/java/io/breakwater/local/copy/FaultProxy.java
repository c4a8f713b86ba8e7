package io.breakwater.local.copy;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.RequestOptions;
import java.net.URI;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Stands before an S3 server, hands requests on as they are, signatures and all, and breaks those that it is told to. */
public final class FaultProxy implements AutoCloseable {

    /** Longer than any client's limit. */
    private static final Duration SLOW = Duration.ofMinutes(1);

    private static final Duration LATE = Duration.ofSeconds(4);

    /** What goes wrong with a request. */
    public enum Fault {
        FORBIDDEN,
        NOT_FOUND,
        PRECONDITION_FAILED,
        SERVER_ERROR,
        /** No answer. */
        SLOW,
        /** The connection ends in the middle of the answer. */
        CUT,
        /** A byte of the answer is another one, each time at another place. */
        DAMAGED_ANSWER,
        /** A byte of what is sent is another one. */
        DAMAGED_BODY,
        /** The server does what it is asked, the client never hears of it. */
        ANSWER_LOST,
        /** As of a store that looks at nothing: all is well, but the server never hears of it. */
        SAID_TO_BE_DONE,
        /** The server does what it is asked, the client hears of it after 4 s. */
        LATE
    }

    private record Rule(String method, String part, Fault fault, AtomicInteger times) {}

    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client = vertx.createHttpClient();
    private final List<Rule> rules = new CopyOnWriteArrayList<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final URI behind;
    private final HttpServer server;

    public FaultProxy(URI behind) throws Exception {
        this.behind = behind;
        this.server = vertx.createHttpServer()
                .requestHandler(this::handle)
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .get(30, TimeUnit.SECONDS);
    }

    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.actualPort());
    }

    /** The next requests of that method whose URI contains the part go wrong, so many times. */
    public void fails(String method, String part, Fault fault, int times) {
        rules.add(new Rule(method, part, fault, new AtomicInteger(times)));
    }

    public void heal() {
        rules.clear();
        requests.clear();
    }

    /** How many requests of that method contained the part in their URI, broken ones too. */
    public long count(String method, String part) {
        return requests.stream()
                .filter(request -> request.startsWith(method) && request.contains(part))
                .count();
    }

    private Optional<Fault> fault(HttpServerRequest request) {
        for (Iterator<Rule> all = rules.iterator(); all.hasNext(); ) {
            Rule rule = all.next();
            boolean meant = request.method().name().equals(rule.method())
                    && request.uri().contains(rule.part());
            if (meant && rule.times().getAndDecrement() > 0) {
                return Optional.of(rule.fault());
            }
        }
        return Optional.empty();
    }

    private void handle(HttpServerRequest request) {
        requests.add(request.method() + " " + request.uri());
        Optional<Fault> fault = fault(request);
        request.body().onSuccess(body -> {
            switch (fault.orElse(Fault.CUT)) {
                case FORBIDDEN -> refuse(request, 403, "AccessDenied");
                case NOT_FOUND -> refuse(request, 404, "NoSuchKey");
                case PRECONDITION_FAILED -> refuse(request, 412, "PreconditionFailed");
                case SERVER_ERROR -> refuse(request, 500, "InternalError");
                case SAID_TO_BE_DONE ->
                    request.response()
                            .putHeader("ETag", "\"" + "0".repeat(32) + "\"")
                            .end();
                case SLOW ->
                    vertx.setTimer(
                            SLOW.toMillis(), timer -> request.connection().close());
                case DAMAGED_BODY -> hand(request, damaged(body), fault);
                default -> hand(request, body, fault);
            }
        });
    }

    private static void refuse(HttpServerRequest request, int status, String code) {
        request.response()
                .setStatusCode(status)
                .putHeader("Content-Type", "application/xml")
                .end("<Error><Code>" + code + "</Code><Message>said the fault proxy</Message></Error>");
    }

    private void hand(HttpServerRequest request, Buffer body, Optional<Fault> fault) {
        client.request(new RequestOptions()
                        .setMethod(request.method())
                        .setHost(behind.getHost())
                        .setPort(behind.getPort())
                        .setURI(request.uri()))
                .compose(onward -> {
                    onward.headers().setAll(request.headers());
                    return onward.send(body);
                })
                .compose(answer -> answer.body().onSuccess(bytes -> {
                    HttpServerResponse back = request.response().setStatusCode(answer.statusCode());
                    back.headers().setAll(answer.headers());
                    back.headers().remove("Transfer-Encoding");
                    if (fault.filter(Fault.ANSWER_LOST::equals).isPresent()) {
                        request.connection().close();
                    } else if (fault.filter(Fault.CUT::equals).isPresent()) {
                        back.write(bytes.slice(0, bytes.length() / 2))
                                .onComplete(written -> request.connection().close());
                    } else if (fault.filter(Fault.DAMAGED_ANSWER::equals).isPresent()) {
                        back.end(damaged(bytes));
                    } else if (fault.filter(Fault.LATE::equals).isPresent()) {
                        vertx.setTimer(LATE.toMillis(), timer -> back.end(bytes));
                    } else {
                        back.end(bytes);
                    }
                }))
                .onFailure(failure -> request.connection().close());
    }

    private static Buffer damaged(Buffer bytes) {
        Buffer copy = bytes.copy();
        // In the middle third: what frames a payload (lengths and trailers of its chunks) may be damaged without harm.
        int place = ThreadLocalRandom.current().nextInt(copy.length() / 3, copy.length() * 2 / 3 + 1);
        return copy.setByte(place, (byte) ~copy.getByte(place));
    }

    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
