package io.breakwater.controller.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import io.breakwater.controller.FreePort;
import io.breakwater.controller.signal.AlertBoard;
import io.breakwater.controller.signal.AlertSignal;
import io.breakwater.controller.signal.PromqlSignal;
import io.breakwater.controller.signal.SignalReading;
import io.breakwater.platform.AlertSource;
import io.breakwater.platform.AlertSource.AlertedComponent;
import io.breakwater.platform.PromqlQuery;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real Prometheus and a real Alertmanager, of Debian's packages, tell a node of a component that fails and heals. */
@Tag("full")
class AlertingIT {

    private static final String ALERT = "KafkaDown";
    private static final Duration LIMIT = Duration.ofSeconds(5);

    @TempDir
    private Path directory;

    private final List<Process> programs = new ArrayList<>();
    private volatile int kafkaUp = 1;
    private Optional<HttpServer> exporter = Optional.empty();
    private Optional<RunningApi> api = Optional.empty();
    private URI prometheus = URI.create("http://127.0.0.1");

    @BeforeEach
    void start() throws Exception {
        Path server = program("prometheus");
        Path manager = program("prometheus-alertmanager");
        RunningApi node = RunningApi.in(directory);
        api = Optional.of(node);
        HttpServer metrics = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        metrics.createContext("/metrics", exchange -> {
            byte[] text = ("east_kafka_up " + kafkaUp + "\n").getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4");
            exchange.sendResponseHeaders(200, text.length);
            exchange.getResponseBody().write(text);
            exchange.close();
        });
        metrics.start();
        exporter = Optional.of(metrics);

        int managerPort = FreePort.next();
        Path alerting = Files.writeString(
                directory.resolve("alertmanager.yml"), """
                route: {receiver: breakwater, group_by: [alertname], group_wait: 0s, group_interval: 1s, repeat_interval: 1s}
                receivers:
                  - name: breakwater
                    webhook_configs:
                      - url: "%s"
                        send_resolved: true
                        max_alerts: 50
                        http_config: {authorization: {credentials: "%s"}}
                """.formatted(node.url("/v1/alerts"), RunningApi.TOKEN));
        run(
                manager,
                "--config.file=" + alerting,
                "--storage.path=" + directory.resolve("alertmanager"),
                "--web.listen-address=127.0.0.1:" + managerPort,
                "--cluster.listen-address=");

        Files.writeString(directory.resolve("rules.yml"), """
                groups:
                  - name: breakwater
                    rules:
                      - {alert: %s, expr: "east_kafka_up == 0", labels: {region: east}}
                      - {alert: Watchdog, expr: "vector(1)"}
                """.formatted(ALERT));
        Path scraping = Files.writeString(directory.resolve("prometheus.yml"), """
                global: {scrape_interval: 1s, evaluation_interval: 1s}
                rule_files: [rules.yml]
                scrape_configs:
                  - {job_name: east, static_configs: [{targets: ["127.0.0.1:%d"]}]}
                alerting:
                  alertmanagers:
                    - static_configs: [{targets: ["127.0.0.1:%d"]}]
                """.formatted(
                        metrics.getAddress().getPort(), managerPort));
        int port = FreePort.next();
        prometheus = URI.create("http://127.0.0.1:" + port);
        run(
                server,
                "--config.file=" + scraping,
                "--storage.tsdb.path=" + directory.resolve("prometheus"),
                "--web.listen-address=127.0.0.1:" + port,
                "--rules.alert.resend-delay=1s");
    }

    @AfterEach
    void stop() throws InterruptedException {
        for (Process program : programs) {
            program.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        }
        exporter.ifPresent(server -> server.stop(0));
        api.ifPresent(RunningApi::close);
    }

    @Test
    void whatTheyTellIsReadAsItHappensAndRepetitionsCountOnce() {
        AlertBoard board = api.orElseThrow().alerts();
        AlertSource source = new AlertSource(
                Duration.ofSeconds(30),
                Optional.of(new TreeMap<>(Map.of("alertname", "Watchdog"))),
                List.of(new AlertedComponent("kafka", new TreeMap<>(Map.of("region", "east")))));
        PromqlQuery query = new PromqlQuery("kafka-up", prometheus, "east_kafka_up", "< 1");
        PromqlQuery unknown = new PromqlQuery("none", prometheus, "no_such_metric", "> 0");
        try (AlertSignal alert =
                        new AlertSignal(board, source, source.components().get(0));
                PromqlSignal promql = new PromqlSignal(query, LIMIT);
                PromqlSignal noSample = new PromqlSignal(unknown, LIMIT)) {
            waiting().untilAsserted(() -> assertThat(promql.probe()).isEqualTo(new SignalReading.Healthy()));
            waiting().untilAsserted(() -> assertThat(alert.probe()).isEqualTo(new SignalReading.Healthy()));
            waiting()
                    .untilAsserted(() -> assertThat(noSample.probe())
                            .isEqualTo(new SignalReading.Unknown("query none has no sample")));

            kafkaUp = 0;

            waiting().untilAsserted(() -> assertThat(promql.probe()).isInstanceOf(SignalReading.Unhealthy.class));
            waiting()
                    .untilAsserted(() -> assertThat(alert.probe())
                            .isInstanceOf(SignalReading.Unhealthy.class)
                            .asString()
                            .contains(ALERT));
            AlertBoard.Firing first = firing(board);
            // Told again, it is younger than the time since it was first seen, and still one.
            waiting().until(() -> firing(board).age().compareTo(first.age()) < 0);
            assertThat(firing(board).alert().startsAt()).isEqualTo(first.alert().startsAt());
            assertThat(board.size()).isEqualTo(2);

            kafkaUp = 1;

            waiting().untilAsserted(() -> assertThat(promql.probe()).isEqualTo(new SignalReading.Healthy()));
            waiting().untilAsserted(() -> assertThat(alert.probe()).isEqualTo(new SignalReading.Healthy()));

            kafkaUp = 0;

            waiting()
                    .until(() -> board.firing(labels -> ALERT.equals(labels.get("alertname"))).stream()
                            .anyMatch(again -> again.alert()
                                    .startsAt()
                                    .isAfter(first.alert().startsAt())));
            assertThat(board.size()).isEqualTo(2);
        }
    }

    private static AlertBoard.Firing firing(AlertBoard board) {
        List<AlertBoard.Firing> firing = board.firing(labels -> ALERT.equals(labels.get("alertname")));
        assertThat(firing).hasSize(1);
        return firing.get(0);
    }

    private static ConditionFactory waiting() {
        return await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(200));
    }

    private static Path program(String name) {
        Optional<Path> found = Arrays.stream(
                        Optional.ofNullable(System.getenv("PATH")).orElse("").split(File.pathSeparator))
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst();
        assumeTrue(
                found.isPresent(), "no " + name + " on the PATH: apt-get install prometheus prometheus-alertmanager");
        return found.orElseThrow();
    }

    private void run(Path program, String... options) throws IOException {
        List<String> words = new ArrayList<>(List.of(program.toString()));
        words.addAll(List.of(options));
        programs.add(new ProcessBuilder(words)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(
                        directory.resolve(program.getFileName() + ".log").toFile())
                .start());
    }
}
