package io.breakwater.platform;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How a flow does, as one of its connectors sees it. A receipt that carries it announces no restorable position.
 * Immutable.
 *
 * @param lag of each partition that this reporter looks at
 * @param connectors by name, those that this reporter looks at
 * @param alarms what is wrong
 */
public record MirrorHealth(
        SortedMap<PartitionKey, Lag> lag, SortedMap<String, ConnectorState> connectors, List<Alarm> alarms) {

    /** The kind of the assets that such receipts are about; their name says which reporter it is. */
    public static final String ASSET_KIND = "kafka-mirror";

    /**
     * @param records source offsets from the first record that is not on the standby to the end; with compaction or
     *     transactions fewer of them are records
     * @param waitingSince the time of the first record that is not on the standby; empty if there is none
     */
    public record Lag(long records, Optional<Instant> waitingSince) {}

    /**
     * @param state Connect's word: RUNNING, PAUSED, STOPPED, FAILED, UNASSIGNED
     * @param tasks how many there are
     * @param running how many of them are RUNNING
     */
    public record ConnectorState(String state, int tasks, int running) {}

    @JsonCreator
    public MirrorHealth(Map<PartitionKey, Lag> lag, Map<String, ConnectorState> connectors, List<Alarm> alarms) {
        this(
                Collections.unmodifiableSortedMap(new TreeMap<>(lag)),
                Collections.unmodifiableSortedMap(new TreeMap<>(connectors)),
                List.copyOf(alarms));
    }

    public static MirrorHealth of(List<Alarm> alarms) {
        return new MirrorHealth(Map.of(), Map.of(), alarms);
    }
}
