package io.breakwater.controller.api;

import io.breakwater.controller.app.ControlPlane;
import io.breakwater.platform.MirrorHealth;
import io.breakwater.platform.Platform;
import io.breakwater.platform.Receipt;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * The health of the flows as their receipts say it. It is shown here and not on the replicator: the replicator is a
 * Connect worker, which serves no metrics page, and what a controller shows of a flow has gone the way that the
 * decisions about it go.
 */
final class MirrorMetrics {

    private static final double MILLIS_PER_SECOND = 1000;

    private final ControlPlane control;
    private final Platform platform;

    MirrorMetrics(ControlPlane control, Platform platform) {
        this.control = control;
        this.platform = platform;
    }

    void register(PrometheusRegistry registry) {
        gauge("breakwater_mirror_lag_records", "Source offsets of the partition that are not on the standby")
                .labelNames("group", "flow", "topic", "partition")
                .callback(out -> each((receipt, health) -> health.lag()
                        .forEach((partition, lag) -> out.call(
                                (double) lag.records(),
                                receipt.group(),
                                receipt.flow().toString(),
                                partition.topic(),
                                String.valueOf(partition.partition())))))
                .register(registry);
        gauge("breakwater_mirror_lag_seconds", "Age of the partition's first record that is not on the standby, or 0")
                .labelNames("group", "flow", "topic", "partition")
                .callback(out -> each((receipt, health) -> health.lag()
                        .forEach((partition, lag) -> out.call(
                                seconds(lag.waitingSince()
                                        .map(since -> Duration.between(since, receipt.publishedAt()))
                                        .orElse(Duration.ZERO)),
                                receipt.group(),
                                receipt.flow().toString(),
                                partition.topic(),
                                String.valueOf(partition.partition())))))
                .register(registry);
        gauge("breakwater_mirror_tasks", "Tasks of the flow's connector; state is running or other")
                .labelNames("group", "flow", "connector", "connector_state", "state")
                .callback(out -> each((receipt, health) -> health.connectors().forEach((name, connector) -> {
                    String flow = receipt.flow().toString();
                    out.call(connector.running(), receipt.group(), flow, name, connector.state(), "running");
                    out.call(
                            connector.tasks() - connector.running(),
                            receipt.group(),
                            flow,
                            name,
                            connector.state(),
                            "other");
                })))
                .register(registry);
        gauge("breakwater_mirror_alarm", "1 for each alarm of a flow; a blocking one makes the standby not ready")
                .labelNames("group", "flow", "alarm", "subject", "blocking")
                .callback(out -> each((receipt, health) -> health.alarms()
                        .forEach(alarm -> out.call(
                                1,
                                receipt.group(),
                                receipt.flow().toString(),
                                alarm.kind(),
                                alarm.subject(),
                                String.valueOf(alarm.blocking())))))
                .register(registry);
        gauge("breakwater_mirror_report_age_seconds", "Since a health report of the flow was made")
                .labelNames("group", "flow", "reporter")
                .callback(out -> each((receipt, health) -> out.call(
                        seconds(Duration.between(
                                receipt.position().sourceTime(), control.state().now())),
                        receipt.group(),
                        receipt.flow().toString(),
                        receipt.asset().name())))
                .register(registry);
    }

    /** The newest report of each reporter. */
    private void each(BiConsumer<Receipt, MirrorHealth> action) {
        Map<String, Receipt> newest = new LinkedHashMap<>();
        platform.regions()
                .keySet()
                .forEach(region -> control.receipts(region).stream()
                        .filter(receipt -> receipt.health().isPresent())
                        .forEach(receipt -> newest.put(receipt.key(), receipt)));
        newest.values().forEach(receipt -> receipt.health().ifPresent(health -> action.accept(receipt, health)));
    }

    private static GaugeWithCallback.Builder gauge(String name, String help) {
        return GaugeWithCallback.builder().name(name).help(help);
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / MILLIS_PER_SECOND;
    }
}
