package io.breakwater.platform;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Collections;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * An exclusive end offset for each of some partitions: everything below it is meant, nothing at or above it.
 * Always offsets of one cluster, the source's unless said otherwise. Immutable.
 */
public record OffsetVector(@JsonValue SortedMap<PartitionKey, Long> ends) {

    public static final OffsetVector EMPTY = new OffsetVector(new TreeMap<>());

    @JsonCreator
    public OffsetVector(Map<PartitionKey, Long> ends) {
        this(Collections.unmodifiableSortedMap(new TreeMap<>(ends)));
    }

    public OffsetVector {
        ends.forEach((partition, end) -> {
            if (end < 0) {
                throw new IllegalArgumentException("end offset " + end + " of " + partition + " is negative");
            }
        });
    }

    public OptionalLong end(PartitionKey partition) {
        Long end = ends.get(partition);
        return end == null ? OptionalLong.empty() : OptionalLong.of(end);
    }

    /** Whether everything that the other vector means is below an end of this one; a partition unknown here is not. */
    public boolean covers(OffsetVector other) {
        return other.ends.entrySet().stream()
                .allMatch(e -> e.getValue() <= end(e.getKey()).orElse(0));
    }

    /** This vector with the other's entries added; where both know a partition, the other's end counts. */
    public OffsetVector with(OffsetVector other) {
        SortedMap<PartitionKey, Long> merged = new TreeMap<>(ends);
        merged.putAll(other.ends);
        return new OffsetVector(merged);
    }

    @Override
    public String toString() {
        return ends.toString();
    }
}
