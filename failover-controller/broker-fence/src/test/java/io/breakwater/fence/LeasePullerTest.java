package io.breakwater.fence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeasePullerTest {

    @TempDir
    private Path dir;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final LeaseTable table = new LeaseTable(Set.of());
    private final AtomicInteger pulls = new AtomicInteger();
    private final CountDownLatch end = new CountDownLatch(1);
    private HttpServer good;
    private HttpServer hanging;

    @BeforeEach
    void servers() throws IOException {
        good = server(this::answer);
        hanging = server(exchange -> {
            try {
                end.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    @AfterEach
    void stop() {
        end.countDown();
        good.stop(0);
        hanging.stop(0);
        threads.shutdownNow();
    }

    @Test
    void asksTheNextControllerWhenOneHangsAndAnotherIsGone() throws IOException {
        URI gone = uri(hanging).resolve("http://127.0.0.1:1");

        try (LeasePuller puller = puller(List.of(gone, uri(hanging), uri(good)))) {
            puller.start();

            await().atMost(Duration.ofSeconds(10))
                    .until(() -> !table.openings(System.nanoTime()).isEmpty());
            await().atMost(Duration.ofSeconds(10)).until(() -> pulls.get() >= 3);
        }
    }

    @Test
    void answersThatStopLetTheLeaseEnd() throws IOException {
        try (LeasePuller puller = puller(List.of(uri(good)))) {
            puller.start();
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> !table.openings(System.nanoTime()).isEmpty());

            good.stop(0);

            await().atMost(Duration.ofSeconds(10))
                    .until(() -> table.openings(System.nanoTime()).isEmpty());
        }
    }

    @Test
    void aRefusedTokenOpensNothing() throws IOException {
        FenceSettings settings = settings(List.of(uri(good)));
        Files.writeString(settings.tokenFile(), "wrong");

        try (LeasePuller puller = new LeasePuller(settings, table)) {
            puller.start();
            await().atMost(Duration.ofSeconds(10)).until(() -> pulls.get() >= 2);
        }

        assertThat(table.openings(System.nanoTime())).isEmpty();
    }

    private LeasePuller puller(List<URI> controllers) throws IOException {
        return new LeasePuller(settings(controllers), table);
    }

    private FenceSettings settings(List<URI> controllers) throws IOException {
        Path token = Files.writeString(dir.resolve("token"), "secret\n");
        return new FenceSettings(
                "east", "east-1", controllers, token, Set.of(), Duration.ofMillis(100), Duration.ofMillis(300));
    }

    private void answer(HttpExchange exchange) throws IOException {
        pulls.incrementAndGet();
        String question = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        boolean right = question.equals("{\"broker\":\"east-1\"}")
                && exchange.getRequestURI().getPath().equals("/v1/regions/east/lease")
                && exchange.getRequestMethod().equals("POST")
                && "Bearer secret".equals(exchange.getRequestHeaders().getFirst("Authorization"));
        byte[] body = """
                {"region":"east","groups":[{"group":"flights","active":true,"epoch":1,"ingress":true,"pipeline":true,
                "leaseMillis":1000,"topics":[],"consumerGroups":[],"pipelinePrincipals":[]}]}""".getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(right ? 200 : 401, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private HttpServer server(com.sun.net.httpserver.HttpHandler handler) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", handler);
        server.setExecutor(threads);
        server.start();
        return server;
    }

    private static URI uri(HttpServer server) {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }
}
