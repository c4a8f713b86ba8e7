package io.breakwater.controller.runbook.steps;

import io.breakwater.controller.runbook.Runbook;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Checks the settings of a runbook's entry. */
final class EntrySettings {

    private EntrySettings() {}

    /** Keys that are not among the known ones, and needed ones that are not there. */
    static List<String> keys(Runbook.Entry entry, Set<String> needed, Set<String> optional) {
        List<String> wrong = new ArrayList<>();
        Set<String> known = new TreeSet<>(needed);
        known.addAll(optional);
        new TreeSet<>(entry.with().keySet())
                .stream()
                        .filter(key -> !known.contains(key))
                        .forEach(key -> wrong.add("with." + key + ": unknown key; known are " + known));
        new TreeSet<>(needed)
                .stream()
                        .filter(key -> !entry.with().containsKey(key))
                        .forEach(key -> wrong.add("with." + key + ": is missing, or has no value"));
        return wrong;
    }

    /** Empty if it is no ISO 8601 duration. */
    static Optional<Duration> duration(Map<String, String> settings, String key) {
        try {
            return Optional.ofNullable(settings.get(key)).map(Duration::parse);
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }
}
