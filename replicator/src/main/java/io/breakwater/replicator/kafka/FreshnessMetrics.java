package io.breakwater.replicator.kafka;

import io.breakwater.replicator.kafka.groups.Freshness;
import io.breakwater.replicator.kafka.groups.Freshness.Summary;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.function.ToDoubleFunction;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.metrics.Gauge;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells a task's freshness: as metrics of the task ({@code freshness-last-ms}, {@code -p50-ms}, {@code -p99-ms},
 * {@code -max-ms} of the past minute, NaN if nothing was written in it, and {@code freshness-positions}), and once a
 * minute in the log.
 */
final class FreshnessMetrics {

    private static final Logger LOG = LoggerFactory.getLogger(FreshnessMetrics.class);

    private final Freshness freshness;
    private final Clock clock;
    private final String flow;
    private Instant loggedAt;

    /** @param flow for the log: group and flow as {@code key=value} */
    FreshnessMetrics(Freshness freshness, PluginMetrics metrics, Clock clock, String flow) {
        this.freshness = freshness;
        this.clock = clock;
        this.flow = flow;
        this.loggedAt = clock.instant();
        add(metrics, "freshness-last-ms", "age of the position that was written last", s -> millis(s.last()));
        add(metrics, "freshness-p50-ms", "median age of the past minute", s -> millis(s.median()));
        add(metrics, "freshness-p99-ms", "99th percentile of the past minute", s -> millis(s.p99()));
        add(metrics, "freshness-max-ms", "greatest age of the past minute", s -> millis(s.max()));
        add(metrics, "freshness-positions", "positions written in the past minute", Summary::count);
    }

    private void add(PluginMetrics metrics, String name, String description, ToDoubleFunction<Summary> value) {
        MetricName metric =
                metrics.metricName(name, description + ", from commit on the source to standby", new LinkedHashMap<>());
        Gauge<Double> gauge = (config, at) ->
                freshness.summary(clock.instant()).map(value::applyAsDouble).orElse(Double.NaN);
        metrics.addMetric(metric, gauge);
    }

    private static double millis(Duration age) {
        return age.toMillis();
    }

    /** Says it in the log if it is time. */
    void log() {
        Instant now = clock.instant();
        if (!now.isBefore(loggedAt.plus(Freshness.SPAN))) {
            loggedAt = now;
            freshness.summary(now).ifPresent(s -> LOG.info("{} freshness of group positions: {}", flow, s));
        }
    }
}
