package io.breakwater.fence;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the controllers for this region's leases, about once an interval, on one daemon thread: one attempt at each in
 * turn, beginning with the one that answered last. A round in which none answers changes nothing: the leases just end.
 */
final class LeasePuller implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LeasePuller.class);
    private static final long MAX_ANSWER_BYTES = 1 << 20;
    private static final int OK = 200;

    private sealed interface Pull {
        record Answered(LeaseAnswer answer) implements Pull {}

        record Failed(String reason) implements Pull {}
    }

    private final FenceSettings settings;
    private final LeaseTable table;
    private final HttpClient http;
    private final Thread thread;
    private final byte[] question;
    private int preferred;
    private boolean answering = true;
    private Set<LeaseTable.Opening> open = Set.of();

    LeasePuller(FenceSettings settings, LeaseTable table) {
        this.settings = settings;
        this.table = table;
        this.question = JsonNodeFactory.instance
                .objectNode()
                .put("broker", settings.broker())
                .toString()
                .getBytes(StandardCharsets.UTF_8);
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(settings.pullTimeout())
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
        this.thread = new Thread(this::run, "breakwater-lease-" + settings.region());
        thread.setDaemon(true);
        thread.setUncaughtExceptionHandler(
                (t, e) -> LOG.error("lease pulls ended: region={} stays closed until a restart", settings.region(), e));
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                long began = System.nanoTime();
                round();
                logTransitions();
                long rest = settings.pullInterval().toNanos() - (System.nanoTime() - began);
                TimeUnit.NANOSECONDS.sleep(rest);
            }
        } catch (InterruptedException e) {
            LOG.debug("lease pulls ended: the broker closes");
        }
    }

    private void round() throws InterruptedException {
        List<String> failures = new ArrayList<>();
        for (int i = 0; i < settings.controllers().size(); i++) {
            int index = (preferred + i) % settings.controllers().size();
            URI controller = settings.controllers().get(index);
            long sentAt = System.nanoTime();
            Pull pull = pull(controller);
            if (pull instanceof Pull.Answered answered) {
                table.accept(answered.answer(), sentAt);
                preferred = index;
                if (!answering) {
                    answering = true;
                    LOG.info("lease pulls answered again: region={} controller={}", settings.region(), controller);
                }
                return;
            }
            if (pull instanceof Pull.Failed failed) {
                failures.add(controller + ": " + failed.reason());
            }
        }
        if (answering) {
            answering = false;
            LOG.warn("no controller answers lease pulls: region={} {}", settings.region(), failures);
        }
    }

    private Pull pull(URI controller) throws InterruptedException {
        CompletableFuture<HttpResponse<byte[]>> response;
        try {
            response = http.sendAsync(request(controller), LeasePuller::bounded);
        } catch (IOException e) {
            return new Pull.Failed("the token file cannot be read: " + e.getMessage());
        }
        try {
            HttpResponse<byte[]> answer = response.get(settings.pullTimeout().toMillis(), TimeUnit.MILLISECONDS);
            if (answer.statusCode() != OK) {
                return new Pull.Failed("HTTP status " + answer.statusCode());
            }
            return new Pull.Answered(LeaseAnswer.parse(settings.region(), answer.body()));
        } catch (ExecutionException e) {
            return new Pull.Failed(String.valueOf(e.getCause()));
        } catch (IllegalArgumentException e) {
            return new Pull.Failed(String.valueOf(e.getMessage()));
        } catch (TimeoutException e) {
            return new Pull.Failed("no answer within " + settings.pullTimeout());
        } finally {
            response.cancel(true);
        }
    }

    private HttpRequest request(URI controller) throws IOException {
        return HttpRequest.newBuilder(controller.resolve("/v1/regions/" + settings.region() + "/lease"))
                .timeout(settings.pullTimeout())
                .header("Authorization", "Bearer " + settings.token())
                .header("Content-Type", "application/json")
                .header("Accept", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(question))
                .build();
    }

    /** An answer of unknown or excessive length is dropped unread and fails as empty. */
    private static HttpResponse.BodySubscriber<byte[]> bounded(HttpResponse.ResponseInfo info) {
        long length = info.headers().firstValueAsLong("Content-Length").orElse(Long.MAX_VALUE);
        return length > MAX_ANSWER_BYTES ? BodySubscribers.replacing(new byte[0]) : BodySubscribers.ofByteArray();
    }

    private void logTransitions() {
        Set<LeaseTable.Opening> now = table.openings(System.nanoTime());
        open.stream()
                .filter(opening -> !now.contains(opening))
                .forEach(opening -> LOG.info("closed: region={} {}", settings.region(), opening));
        now.stream()
                .filter(opening -> !open.contains(opening))
                .forEach(opening -> LOG.info("opened: region={} {}", settings.region(), opening));
        open = now;
    }

    /** Ends the pulls; waits a short while for the thread. */
    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join(settings.pullTimeout().toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
