package io.breakwater.platform;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What is watched in a region and what of it counts. Everything that is watched is shown; only the counting classes
 * make a verdict of UP or DOWN.
 *
 * @param counting classes of signals; a verdict of DOWN rests on two of them
 * @param maxLag of the flows out of the region, above which the signal {@code replication-lag} is unhealthy
 * @param checkpointAge of the region's jobs, above which the signal {@code flink-checkpoints} is unhealthy
 * @param promql queries to Prometheus servers
 * @param alerts what alerts of an Alertmanager mean
 */
public record RegionSignals(
        SortedSet<String> counting,
        Duration maxLag,
        Duration checkpointAge,
        List<PromqlQuery> promql,
        Optional<AlertSource> alerts) {

    /** Classes of the signals that look at the components themselves. */
    public static final SortedSet<String> COMPONENTS = new TreeSet<>(List.of("flink", "kafka", "object-store"));

    /** Classes that a platform file may add to the counting ones. */
    private static final SortedSet<String> KNOWN = new TreeSet<>(List.of(
            "alert",
            "connect",
            "flink",
            "flink-jobs",
            "kafka",
            "kafka-replicas",
            "object-store",
            "promql",
            "replication"));

    private static final int CLASSES_NEEDED = 2;

    /** What counts where the platform file says nothing. */
    public static final RegionSignals USUAL =
            new RegionSignals(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    @JsonCreator
    public RegionSignals(
            Optional<List<String>> counting,
            Optional<Duration> maxLag,
            Optional<Duration> checkpointAge,
            Optional<List<PromqlQuery>> promql,
            Optional<AlertSource> alerts) {
        this(
                counting.<SortedSet<String>>map(TreeSet::new).orElse(COMPONENTS),
                maxLag.orElse(Duration.ofSeconds(30)),
                checkpointAge.orElse(Duration.ofMinutes(10)),
                promql.orElse(List.of()),
                alerts);
    }

    public RegionSignals {
        counting = new TreeSet<>(counting);
        promql = List.copyOf(promql);
        List<String> wrong = new ArrayList<>();
        counting.stream()
                .filter(name -> !KNOWN.contains(name))
                .forEach(name -> wrong.add("signals.counting: no class '" + name + "'; there are " + KNOWN));
        if (counting.size() < CLASSES_NEEDED) {
            wrong.add("signals.counting: " + counting.size() + " of the " + CLASSES_NEEDED
                    + " classes that a verdict of DOWN rests on (rule 4); name " + CLASSES_NEEDED + " at least");
        }
        if (maxLag.isNegative() || maxLag.isZero()) {
            wrong.add("signals.maxLag: " + maxLag + "; above zero is needed");
        }
        if (checkpointAge.isNegative() || checkpointAge.isZero()) {
            wrong.add("signals.checkpointAge: " + checkpointAge + "; above zero is needed");
        }
        Set<String> names = new HashSet<>();
        promql.stream()
                .filter(query -> !names.add(query.name()))
                .forEach(query -> wrong.add("signals.promql: two queries have the name '" + query.name() + "'"));
        if (counting.contains("promql") && promql.isEmpty()) {
            wrong.add("signals.counting: promql counts, but signals.promql has no query");
        }
        if (counting.contains("alert") && alerts.isEmpty()) {
            wrong.add("signals.counting: alert counts, but there is no signals.alerts");
        }
        if (!wrong.isEmpty()) {
            throw new InvalidPlatformException(wrong);
        }
    }

    public boolean counts(String signalClass) {
        return counting.contains(signalClass);
    }
}
