package io.breakwater.controller.signal;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * What this node was told by Alertmanager, newest state of each alert. An alert is told apart by its fingerprint (its
 * labels); the same {@code startsAt} again is the same firing, repeated or resolved, whatever order the notifications
 * come in. Thread-safe.
 */
public final class AlertBoard {

    /** How many alerts are remembered; resolved ones make room first. */
    public static final int KEPT = 1_000;

    /**
     * One alert of a notification.
     *
     * @param fingerprint Alertmanager's hash of the labels
     * @param startsAt of this firing
     */
    public record Alert(String fingerprint, boolean firing, Instant startsAt, SortedMap<String, String> labels) {
        public Alert {
            labels = new TreeMap<>(labels);
        }

        /** As people know it. */
        public String name() {
            return labels.getOrDefault("alertname", fingerprint);
        }
    }

    /** @param toldAt on the monotonic clock */
    private record Told(Alert alert, long toldAt) {}

    private final Map<String, Told> alerts = new LinkedHashMap<>();
    private final LongSupplier nanoTime;

    /** @param nanoTime a monotonic clock such as {@link System#nanoTime} */
    public AlertBoard(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** @return whether all of them were taken; false if there is no room for more firing ones */
    public synchronized boolean take(Collection<Alert> notified) {
        boolean all = true;
        for (Alert alert : notified) {
            all &= take(alert);
        }
        return all;
    }

    private boolean take(Alert alert) {
        Told last = alerts.get(alert.fingerprint());
        if (last != null && isOld(alert, last.alert)) {
            return true;
        }
        if (last == null && alerts.size() >= KEPT && !makeRoom()) {
            return false;
        }
        alerts.remove(alert.fingerprint());
        alerts.put(alert.fingerprint(), new Told(alert, nanoTime.getAsLong()));
        return true;
    }

    /** A firing that has been followed by another, or has been resolved already. */
    private static boolean isOld(Alert alert, Alert last) {
        int order = alert.startsAt().compareTo(last.startsAt());
        return order < 0 || (order == 0 && alert.firing() && !last.firing());
    }

    private boolean makeRoom() {
        Optional<String> oldest = alerts.values().stream()
                .filter(told -> !told.alert.firing())
                .map(told -> told.alert.fingerprint())
                .findFirst();
        oldest.ifPresent(alerts::remove);
        return oldest.isPresent();
    }

    /**
     * A firing alert and how long ago it was last told.
     *
     * @param age since the newest notification of it
     */
    public record Firing(Alert alert, Duration age) {}

    /** The firing ones among those with such labels, the longest firing first. */
    public synchronized List<Firing> firing(Predicate<Map<String, String>> labels) {
        long now = nanoTime.getAsLong();
        List<Firing> firing = new ArrayList<>();
        alerts.values().stream()
                .filter(told -> told.alert.firing() && labels.test(told.alert.labels()))
                .forEach(told -> firing.add(new Firing(told.alert, Duration.ofNanos(now - told.toldAt))));
        firing.sort(Comparator.comparing((Firing f) -> f.alert().startsAt())
                .thenComparing(f -> f.alert().fingerprint()));
        return firing;
    }

    public synchronized int size() {
        return alerts.size();
    }
}
