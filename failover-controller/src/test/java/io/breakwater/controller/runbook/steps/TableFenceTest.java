package io.breakwater.controller.runbook.steps;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.Json;
import io.breakwater.platform.Platform;
import io.breakwater.platform.PlatformFile;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.RegionClients;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Prefixes, whose writers only a policy holds off; before a server that answers as S3 does where it is asked for one. */
class TableFenceTest {

    private static final String YAML = """
        platform: flights
        nodes:
          - {id: east, region: east, raft: "127.0.0.1:1001", http: "127.0.0.1:1002"}
        regions:
          east: &site
            kafka: {bootstrap: "127.0.0.1:1", client: {}, mirror: {}, mirrorPrincipal: "User:mirror"}
            connect: {url: "http://127.0.0.1:2"}
            objectStore: {region: us-east-1, endpoint: "http://127.0.0.1:%d", accessKey: "a", secretKey: "b",
              buckets: {raw: raw-east, landing: landing-east}%s}
            flink: {url: "http://127.0.0.1:4"}
          west: *site
        groups:
          flights:
            home: east
            standby: west
            objectives: {rto: PT15M, rpo: PT5M}
            policy: {mode: advisory}
            pipelinePrincipals: ["User:pipeline"]
            assets:
              - {kind: kafka-topic, pattern: "flights.*"}
              - {kind: s3-prefix, name: raw, prefix: "s3://{raw}/in/"}
              - {kind: s3-prefix, name: landing, prefix: "s3://{landing}/files/"}
        """;
    private static final String PRINCIPALS = ", dialect: {fencePrincipals: [\"arn:aws:iam::1:role/breakwater-*\"]}";
    private static final ObjectUri RAW = ObjectUri.parse("s3://raw-east/in/");
    private static final ObjectUri LANDING = ObjectUri.parse("s3://landing-east/files/");
    private static final Epoch LEFT = new Epoch(2);
    private static final Epoch BACK = new Epoch(3);

    @TempDir
    private Path directory;

    private final Map<String, String> policies = new ConcurrentHashMap<>();
    private HttpServer server;
    private boolean hasPolicies = true;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String bucket = exchange.getRequestURI().getPath().substring(1);
        String sent = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        int status = 204;
        String body = "";
        if (!"policy".equals(exchange.getRequestURI().getQuery()) || !hasPolicies) {
            status = 501;
            body = "<Error><Code>NotImplemented</Code></Error>";
        } else if (exchange.getRequestMethod().equals("PUT")) {
            policies.put(bucket, sent);
        } else if (exchange.getRequestMethod().equals("DELETE")) {
            policies.remove(bucket);
        } else {
            status = policies.containsKey(bucket) ? 200 : 404;
            body = policies.getOrDefault(bucket, "<Error><Code>NoSuchBucketPolicy</Code></Error>");
        }
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    @Test
    void prefixesAreClosedByAPolicyAndOpenedAgain() throws Exception {
        TableFence.Result result = raised(PRINCIPALS);

        assertThat(result.failed()).isEmpty();
        assertThat(result.denied()).containsExactlyInAnyOrder("raw-east", "landing-east");
        assertThat(result.open()).isEmpty();
        assertThat(Json.MAPPER
                        .readTree(policies.get("raw-east"))
                        .at("/Statement/0/Resource/0")
                        .asText())
                .isEqualTo("arn:aws:s3:::raw-east/in/*");
        assertThat(Json.MAPPER
                        .readTree(policies.get("raw-east"))
                        .at("/Statement/0/Effect")
                        .asText())
                .isEqualTo("Deny");

        try (RegionClients clients = clients(platform(PRINCIPALS))) {
            new TableFence(platform(PRINCIPALS), clients, "flights", "east", Clock.systemUTC()).liftPolicies(BACK);
        }

        assertThat(policies).isEmpty();
    }

    @Test
    void withoutPrincipalsTheDetailSaysThatTheyStayOpen() throws Exception {
        TableFence.Result result = raised("");

        assertThat(result.failed()).isEmpty();
        assertThat(result.open()).containsExactly(RAW, LANDING);
        assertThat(policies).isEmpty();
    }

    @Test
    void onAStoreWithoutPoliciesToo() throws Exception {
        hasPolicies = false;

        TableFence.Result result = raised(PRINCIPALS);

        assertThat(result.failed()).isEmpty();
        assertThat(result.denied()).isEmpty();
        assertThat(result.open()).containsExactly(RAW, LANDING);
    }

    private TableFence.Result raised(String dialect) throws IOException {
        Platform platform = platform(dialect);
        try (RegionClients clients = clients(platform)) {
            return new TableFence(platform, clients, "flights", "east", Clock.systemUTC()).raise(LEFT, "operation");
        }
    }

    private static RegionClients clients(Platform platform) {
        return new RegionClients(platform, Duration.ofSeconds(10));
    }

    private Platform platform(String dialect) throws IOException {
        Path file = directory.resolve("platform.yaml");
        Files.writeString(file, YAML.formatted(server.getAddress().getPort(), dialect));
        return PlatformFile.load(file);
    }
}
