package io.breakwater.local.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.controller.signal.AlertBoard;
import io.breakwater.controller.signal.HealthSignal;
import io.breakwater.controller.signal.ProbeSettings;
import io.breakwater.controller.signal.SignalReading;
import io.breakwater.controller.signal.StandardSignals;
import io.breakwater.platform.HostPort;
import io.breakwater.platform.Node;
import io.breakwater.platform.Platform;
import io.breakwater.platform.Region;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;

/** The signals of a region that has nothing but a Kafka cluster, probed by hand. */
final class WatchedKafka implements AutoCloseable {

    private final Map<String, HealthSignal> signals;

    /** @param canary who writes the canary */
    WatchedKafka(KafkaServer kafka, Principal canary) {
        Region.KafkaCluster as = kafka.cluster();
        Region region = new Region(
                new Region.KafkaCluster(
                        as.bootstrap(),
                        as.client(),
                        as.mirror(),
                        as.mirrorPrincipal(),
                        Optional.empty(),
                        Optional.of(canary.clientSettings()),
                        Optional.empty()),
                new Region.ConnectCluster(URI.create("http://127.0.0.1:1"), Optional.of(1)),
                new Region.ObjectStoreSite(
                        "us-east-1",
                        Optional.of(URI.create("http://127.0.0.1:1")),
                        Optional.of("key"),
                        Optional.of("secret"),
                        Map.of("breakwater", "none")),
                new Region.FlinkCluster(URI.create("http://127.0.0.1:1")));
        SortedMap<String, Region> regions = new TreeMap<>(Map.of("east", region));
        Node node = new Node("east", Optional.of("east"), new HostPort("127.0.0.1", 1), new HostPort("127.0.0.1", 2));
        signals = StandardSignals.of(
                        new Platform("watched", List.of(node), regions, new TreeMap<>()),
                        "east",
                        new StandardSignals.Sources(List::of, new AlertBoard(System::nanoTime), Clock.systemUTC()),
                        ProbeSettings.DEFAULT)
                .getOrDefault("east", List.of())
                .stream()
                .collect(Collectors.toMap(HealthSignal::id, Function.identity()));
    }

    /**
     * Probes until the signal reads so.
     *
     * @param reason part of what it says; nothing for a healthy one
     */
    void await(String id, Class<? extends SignalReading> reading, String reason) {
        HealthSignal signal = Objects.requireNonNull(signals.get(id), id);
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(100))
                .untilAsserted(() -> assertThat(signal.probe())
                        .isInstanceOf(reading)
                        .asString()
                        .contains(reason));
    }

    @Override
    public void close() {
        signals.values().forEach(HealthSignal::close);
    }
}
