package io.breakwater.controller.routing;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.RouteSpec;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileAndWebhookTargetTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    private Path dir;

    @Test
    void theFileNamesTheRegionsBrokersAndNothingIsLeftBeside() throws Exception {
        Path file = dir.resolve("flights.properties");

        assertThat(new BootstrapFileTarget(file).point(route("west", 3)))
                .isEqualTo(new RouteTarget.Outcome.Pointed(file + " names west-1:9092,west-2:9092"));

        assertThat(properties(file).getProperty("bootstrap.servers")).isEqualTo("west-1:9092,west-2:9092");
        assertThat(properties(file).getProperty("breakwater.epoch")).isEqualTo("3");
        assertThat(dir.toFile().list()).containsExactly("flights.properties");
    }

    @Test
    void aNewerEpochInTheFileIsLeftAloneAndTheSameOneIsNotWrittenAgain() throws Exception {
        Path file = dir.resolve("flights.properties");
        BootstrapFileTarget target = new BootstrapFileTarget(file);
        target.point(route("east", 4));
        byte[] before = Files.readAllBytes(file);

        assertThat(target.point(route("east", 4))).isInstanceOf(RouteTarget.Outcome.Pointed.class);
        assertThat(target.point(route("west", 3)))
                .isEqualTo(new RouteTarget.Outcome.NotPointed(file + " has a route of epoch 4, newer than 3"));

        assertThat(Files.readAllBytes(file)).isEqualTo(before);
    }

    @Test
    void aFileThatCannotBeWrittenIsSaid() {
        assertThat(new BootstrapFileTarget(dir.resolve("none/flights.properties")).point(route("west", 3)))
                .isInstanceOf(RouteTarget.Outcome.NotPointed.class);
    }

    @Test
    void theWebhookIsToldAndAskedWithItsKey() throws Exception {
        List<String> keys = new CopyOnWriteArrayList<>();
        AtomicReference<String> has = new AtomicReference<>("{}");
        HttpServer server = server(has, keys, true);
        try {
            assertThat(webhook(server).point(route("west", 3))).isInstanceOf(RouteTarget.Outcome.Pointed.class);
            assertThat(webhook(server).point(route("west", 3))).isInstanceOf(RouteTarget.Outcome.Pointed.class);
            assertThat(keys).containsExactly("flights-3", "flights-3");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void aWebhookThatTakesTheRouteAndDoesNotFollowItIsNotPointed() throws Exception {
        HttpServer server = server(new AtomicReference<>("{\"region\":\"east\",\"epoch\":2}"), List.of(), false);
        try {
            assertThat(webhook(server).point(route("west", 3)))
                    .isInstanceOfSatisfying(
                            RouteTarget.Outcome.NotPointed.class,
                            not -> assertThat(not.reason()).endsWith("answers region 'east' in epoch 2"));
        } finally {
            server.stop(0);
        }
    }

    private static HttpServer server(AtomicReference<String> has, List<String> keys, boolean follows) throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/route", exchange -> {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            boolean allowed = "Bearer x".equals(exchange.getRequestHeaders().getFirst("Authorization"));
            if (exchange.getRequestMethod().equals("POST") && follows) {
                has.set(body);
                keys.add(exchange.getRequestHeaders().getFirst("Idempotency-Key"));
            }
            byte[] answer = String.valueOf(has.get()).getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(allowed ? 200 : 401, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
        return server;
    }

    private static WebhookTarget webhook(HttpServer server) {
        URI url = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/route");
        return new WebhookTarget(new RouteSpec.Webhook(url, Optional.of("Bearer x")), PATIENCE);
    }

    private static Properties properties(Path file) throws Exception {
        Properties properties = new Properties();
        properties.load(Files.newBufferedReader(file));
        return properties;
    }

    private static Route route(String region, long epoch) {
        return new Route("flights", region, new Epoch(epoch), region + "-1:9092," + region + "-2:9092");
    }
}
