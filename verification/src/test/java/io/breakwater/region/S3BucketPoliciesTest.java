package io.breakwater.region;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.breakwater.platform.Region.ObjectStoreSite;
import io.breakwater.platform.S3Dialect;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against a server that answers as S3 does (API reference, GetBucketPolicy and PutBucketPolicy). */
class S3BucketPoliciesTest {

    private static final String POLICY = "{\"Version\":\"2012-10-17\",\"Statement\":[]}";

    private final List<String> requests = new ArrayList<>();
    private HttpServer server;
    private S3ObjectStore store;
    private int status = 200;
    private String body = POLICY;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            String sent = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " " + sent);
            byte[] answer = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, answer.length == 0 ? -1 : answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
        store = S3ObjectStore.connect(
                new ObjectStoreSite(
                        "us-east-1",
                        Optional.of(URI.create(
                                "http://127.0.0.1:" + server.getAddress().getPort())),
                        Optional.of("key"),
                        Optional.of("secret"),
                        Map.of(),
                        Optional.of(new S3Dialect(
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.of(List.of("arn:aws:iam::1:role/breakwater"))))),
                Duration.ofSeconds(10));
    }

    @AfterEach
    void stop() {
        store.close();
        server.stop(0);
    }

    private BucketPolicies policies() {
        return store.policies().orElseThrow();
    }

    @Test
    void readsWritesAndRemovesAPolicy() {
        assertThat(policies().get("lake")).isEqualTo(new BucketPolicies.Found.Policy(Optional.of(POLICY)));
        status = 204;
        body = "";
        policies().put("lake", POLICY);
        policies().delete("lake");

        assertThat(requests).containsExactly("GET /lake?policy ", "PUT /lake?policy " + POLICY, "DELETE /lake?policy ");
    }

    @Test
    void aBucketMayHaveNone() {
        status = 404;
        body = "<Error><Code>NoSuchBucketPolicy</Code><Message>none</Message></Error>";

        assertThat(policies().get("lake")).isEqualTo(new BucketPolicies.Found.Policy(Optional.empty()));
    }

    @Test
    void aStoreMayHaveNone() {
        status = 501;
        body = "<Error><Code>NotImplemented</Code><Message>not here</Message></Error>";

        assertThat(policies().get("lake")).isEqualTo(new BucketPolicies.Found.Unsupported());
        assertThat(policies().put("lake", POLICY)).isFalse();
    }

    @Test
    void aRefusalIsNoAnswer() {
        status = 403;
        body = "<Error><Code>AccessDenied</Code><Message>no</Message></Error>";

        assertThatThrownBy(() -> policies().get("lake"))
                .isInstanceOfSatisfying(
                        ObjectStoreException.class,
                        e -> assertThat(e.reason()).isEqualTo(ObjectStoreException.Reason.REFUSED));
    }
}
