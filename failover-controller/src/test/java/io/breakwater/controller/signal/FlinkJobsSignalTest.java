package io.breakwater.controller.signal;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.breakwater.region.FlinkRest;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FlinkJobsSignalTest extends HealthSignalContract {

    private static final Instant NOW = Instant.parse("2026-11-22T03:00:00Z");

    @Override
    HealthSignal lookingAt(int port, Duration limit) {
        return new FlinkJobsSignal(
                new FlinkRest(URI.create("http://127.0.0.1:" + port), limit),
                Duration.ofSeconds(60),
                Clock.fixed(NOW, ZoneOffset.UTC));
    }

    @ParameterizedTest
    @CsvSource({
        "RUNNING,    500, 59, ",
        "RUNNING,    500, 61, job delay completed its newest checkpoint 61 s ago",
        "RUNNING,    59,  ,   ",
        "RUNNING,    61,  ,   job delay completed its newest checkpoint 61 s ago",
        "RESTARTING, 500, 5,  job delay is RESTARTING",
        "CANCELED,   500, 99, "
    })
    void readsStatesAndTheAgeOfCheckpoints(String state, long startedAgo, Long checkpointAgo, String reason)
            throws Exception {
        String jobs = "{\"jobs\":[{\"jid\":\"1\",\"name\":\"delay\",\"state\":\"" + state + "\",\"start-time\":"
                + ago(startedAgo) + "}]}";
        String checkpoints = checkpointAgo == null
                ? "{\"counts\":{},\"latest\":{\"completed\":null}}"
                : "{\"counts\":{},\"latest\":{\"completed\":{\"id\":1,\"trigger_timestamp\":" + ago(checkpointAgo)
                        + ",\"external_path\":\"s3://x\"}}}";
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            boolean ofJob = exchange.getRequestURI().getPath().endsWith("/checkpoints");
            byte[] body = (ofJob ? checkpoints : jobs).getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        try (HealthSignal signal = lookingAt(server.getAddress().getPort(), PATIENCE)) {
            assertThat(signal.probe())
                    .isEqualTo(reason == null ? new SignalReading.Healthy() : new SignalReading.Unhealthy(reason));
        } finally {
            server.stop(0);
        }
    }

    private static long ago(long seconds) {
        return NOW.minusSeconds(seconds).toEpochMilli();
    }
}
