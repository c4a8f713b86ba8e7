package io.breakwater.local.active;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.local.Links;
import io.breakwater.local.LocalPlatform;
import io.breakwater.local.process.Progress;
import io.breakwater.local.quickstart.ControllerApi;
import io.breakwater.local.quickstart.OperationView;
import io.breakwater.local.quickstart.Status;
import io.breakwater.local.server.KafkaServer;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.local.server.Server;
import io.breakwater.platform.Json;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.awaitility.core.ConditionFactory;

/** Two regions and three controller nodes as processes, with writers that try both regions all the time. */
final class WatchedPlatform implements AutoCloseable {

    static final String GROUP = "flights";
    static final String EAST = LocalPlatform.EAST;
    static final String WEST = LocalPlatform.WEST;

    private static final Duration ANSWER = Duration.ofSeconds(2);
    private static final List<String> NODES = List.of(LocalPlatform.WITNESS, WEST, EAST);
    private static final Path TEMPLATE =
            Path.of("deploy", "local", "src", "test", "resources", "io", "breakwater", "local", "active");

    final Progress progress = Progress.to(System.out);
    final Acceptances acceptances = new Acceptances();
    private final HttpClient http = HttpClient.newHttpClient();
    private final LocalPlatform platform;
    private final ControllerApi controllers;
    private final SortedMap<String, RegionWriters> writers = new TreeMap<>();

    WatchedPlatform(Path directory) {
        this(directory, Links.DIRECT);
    }

    /** @param links between its servers; the writers reach their brokers directly */
    WatchedPlatform(Path directory, Links links) {
        ProjectLayout layout = ProjectLayout.find();
        platform = new LocalPlatform(
                layout, directory, layout.root().resolve(TEMPLATE).resolve("platform.yaml"), Optional.empty(), links);
        controllers = new ControllerApi(NODES.stream().map(platform::controller).toList());
        List.of(EAST, WEST)
                .forEach(region -> writers.put(region, new RegionWriters(region, kafka(region), acceptances)));
    }

    /** Until the writers of the home write, and the standby could take over. */
    void start() throws InterruptedException {
        platform.start(progress);
        writers.values().forEach(RegionWriters::start);
        awaitReady();
        progress.line("both kinds of writers write, and the standby is ready: " + acceptances);
    }

    void awaitReady() {
        await().atMost(Duration.ofMinutes(10))
                .pollInterval(Duration.ofSeconds(1))
                .conditionEvaluationListener(condition -> progress.line(
                        "ready is awaited: " + group().path("notReady") + ", lag " + group().path("lagSeconds") + " s"))
                .until(() ->
                        status().filter(s -> s.ready(GROUP) && s.open(GROUP)).isPresent());
        awaitWrites(active());
    }

    /** Both kinds of writers are answered well from now on. */
    void awaitWrites(String region) {
        long since = System.nanoTime();
        waiting()
                .until(() -> List.of(RegionWriters.PLAIN, RegionWriters.TRANSACTIONAL).stream()
                        .allMatch(kind -> acceptances.in(region, since).stream()
                                .anyMatch(write -> write.kind().equals(kind))));
    }

    static ConditionFactory waiting() {
        return await().atMost(Duration.ofMinutes(3)).pollInterval(Duration.ofMillis(200));
    }

    Optional<Status> status() throws InterruptedException {
        return controllers.status();
    }

    /** What a node itself says, also if it knows no leader; empty if it does not answer. */
    Optional<JsonNode> statusOf(String node) {
        HttpRequest request = HttpRequest.newBuilder(platform.controller(node).resolve("/v1/status"))
                .timeout(ANSWER)
                .build();
        try {
            byte[] answer =
                    http.send(request, HttpResponse.BodyHandlers.ofByteArray()).body();
            return Optional.of(Json.MAPPER.readTree(answer));
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    /** Who leads, as a node itself says; empty if it knows nobody, or does not answer. */
    Optional<String> leaderAsSaidBy(String node) {
        return statusOf(node)
                .map(status -> status.path("leader").asText(""))
                .filter(leader -> !leader.isEmpty() && !leader.equals("null"));
    }

    /** Of a node about a region. */
    String vote(String region, String node) {
        return known().json()
                .path("regions")
                .path(region)
                .path("votes")
                .path(node)
                .asText();
    }

    String verdict(String region) {
        return known().json().path("regions").path(region).path("verdict").asText();
    }

    JsonNode group() {
        return known().json().path("groups").path(GROUP);
    }

    private Status known() {
        return waiting().until(this::status, Optional::isPresent).orElseThrow();
    }

    String active() {
        return group().path("active").asText();
    }

    String leader() {
        return known().json().path("leader").asText();
    }

    Server node(String name) {
        return platform.node(name);
    }

    KafkaServer kafka(String region) {
        return platform.region(region).kafka();
    }

    LocalPlatform platform() {
        return platform;
    }

    RegionWriters writers(String region) {
        RegionWriters found = writers.get(region);
        if (found == null) {
            throw new IllegalArgumentException("no region " + region);
        }
        return found;
    }

    Optional<OperationView> failover() throws InterruptedException {
        Optional<String> id = controllers.latest("failover");
        return id.isPresent() ? controllers.operation(id.get()) : Optional.empty();
    }

    /** Waits for the end of the failover, which has to have succeeded. */
    OperationView awaitFailover() {
        OperationView ended = waiting()
                .until(
                        this::failover,
                        found -> found.filter(operation -> !operation.running()).isPresent())
                .orElseThrow();
        assertThat(ended.state()).as(ended.failure()).isEqualTo("succeeded");
        ended.steps().forEach(step -> progress.line("  " + step.name() + ": " + step.attempts() + " attempt(s)"));
        return ended;
    }

    /** East is where it was, nothing was decided, and west took nothing. */
    void assertNothingMoved() throws InterruptedException {
        assertThat(active()).isEqualTo(EAST);
        assertThat(failover()).isEmpty();
        assertThat(acceptances.in(WEST, Long.MIN_VALUE)).isEmpty();
    }

    @Override
    public void close() {
        writers.values().forEach(RegionWriters::close);
        platform.close();
    }
}
