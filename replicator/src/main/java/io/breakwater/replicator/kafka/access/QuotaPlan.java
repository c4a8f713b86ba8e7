package io.breakwater.replicator.kafka.access;

import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which client quotas are to be set and removed on the standby. Pure. A quota that only the standby has is removed only
 * if it was copied before.
 *
 * @param changes the value to set; empty to remove the quota
 * @param copied what is, or is to be, on the standby because of us: what the next plan must know
 */
record QuotaPlan(SortedMap<QuotaRule, Optional<Double>> changes, Set<QuotaRule> copied) {

    static QuotaPlan of(
            SortedMap<QuotaRule, Double> source, SortedMap<QuotaRule, Double> target, Set<QuotaRule> copied) {
        SortedMap<QuotaRule, Optional<Double>> changes = new TreeMap<>();
        Set<QuotaRule> next = new TreeSet<>();
        source.forEach((rule, value) -> {
            boolean differs = !value.equals(target.get(rule));
            if (differs) {
                changes.put(rule, Optional.of(value));
            }
            if (differs || copied.contains(rule)) {
                next.add(rule);
            }
        });
        copied.stream()
                .filter(rule -> !source.containsKey(rule) && target.containsKey(rule))
                .forEach(rule -> changes.put(rule, Optional.empty()));
        return new QuotaPlan(changes, next);
    }
}
