package io.breakwater.replicator.kafka.access;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.common.quota.ClientQuotaEntity;

/**
 * One limit of one entity.
 *
 * @param entity by entity type ({@code user}, {@code client-id}, {@code ip}) its name; {@link #DEFAULT} for the default
 * @param key such as {@code producer_byte_rate}
 */
record QuotaRule(SortedMap<String, String> entity, String key) implements Comparable<QuotaRule> {

    /** No user or client can be named so. */
    static final String DEFAULT = "<default>";

    private static final Comparator<QuotaRule> ORDER =
            Comparator.comparing((QuotaRule rule) -> rule.entity().toString()).thenComparing(QuotaRule::key);

    static QuotaRule of(ClientQuotaEntity entity, String key) {
        SortedMap<String, String> names = new TreeMap<>();
        entity.entries().forEach((type, name) -> names.put(type, name == null ? DEFAULT : name));
        return new QuotaRule(names, key);
    }

    ClientQuotaEntity kafkas() {
        Map<String, String> names = new HashMap<>();
        entity.forEach((type, name) -> names.put(type, name.equals(DEFAULT) ? null : name));
        return new ClientQuotaEntity(names);
    }

    @Override
    public int compareTo(QuotaRule other) {
        return ORDER.compare(this, other);
    }
}
