package io.breakwater.platform;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What the alerts of an Alertmanager say of a region.
 *
 * @param lostAfter a firing alert that is not repeated for so long counts as unknown: longer than the receiver's
 *     {@code repeat_interval} and {@code group_interval} together
 * @param watchdog labels of an alert that always fires; while it is repeated, silence means that nothing is wrong
 * @param components which alerts are about which component
 */
public record AlertSource(
        Duration lostAfter,
        Optional<SortedMap<String, String>> watchdog,
        @JsonSetter(contentNulls = Nulls.FAIL) List<AlertedComponent> components) {

    private static final Pattern COMPONENT = Pattern.compile("[a-z]+(-[a-z]+)*");

    /** @param labels all of which an alert has to have, with these values */
    public record AlertedComponent(
            String component,
            @JsonSetter(contentNulls = Nulls.FAIL) SortedMap<String, String> labels) {
        public AlertedComponent {
            labels = new TreeMap<>(labels);
        }

        public boolean matches(Map<String, String> alert) {
            return hasAll(alert, labels);
        }
    }

    public AlertSource {
        components = List.copyOf(components);
        List<String> wrong = new ArrayList<>();
        if (lostAfter.isNegative() || lostAfter.isZero()) {
            wrong.add("signals.alerts.lostAfter: " + lostAfter + "; above zero is needed");
        }
        if (components.isEmpty()) {
            wrong.add("signals.alerts.components: at least one is needed");
        }
        if (watchdog.filter(Map::isEmpty).isPresent()) {
            wrong.add("signals.alerts.watchdog: at least one label is needed");
        }
        Set<String> names = new HashSet<>();
        for (AlertedComponent component : components) {
            String at = "signals.alerts.components." + component.component();
            if (!COMPONENT.matcher(component.component()).matches()) {
                wrong.add(at + ": words of a to z with - between them are needed");
            }
            if (component.labels().isEmpty()) {
                wrong.add(at + ".labels: at least one is needed, else every alert is about it");
            }
            if (!names.add(component.component())) {
                wrong.add(at + ": is there twice");
            }
        }
        if (!wrong.isEmpty()) {
            throw new InvalidPlatformException(wrong);
        }
    }

    public boolean isWatchdog(Map<String, String> alert) {
        return watchdog.filter(labels -> hasAll(alert, labels)).isPresent();
    }

    private static boolean hasAll(Map<String, String> alert, Map<String, String> labels) {
        return labels.entrySet().stream().allMatch(label -> label.getValue().equals(alert.get(label.getKey())));
    }
}
