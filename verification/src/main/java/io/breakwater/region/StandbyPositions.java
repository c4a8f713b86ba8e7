package io.breakwater.region;

import io.breakwater.platform.PartitionKey;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Positions of groups of one kind on a standby cluster. All methods fail with a
 * {@link org.apache.kafka.common.KafkaException} if the cluster does not answer; then some may have taken effect, and
 * the call may be made again.
 */
public interface StandbyPositions {

    /**
     * A position to be set.
     *
     * @param metadata the text that the application committed with it; empty to leave what is there
     */
    record Position(long offset, Optional<String> metadata) {

        /** Leaves the text. */
        public static Position at(long offset) {
            return new Position(offset, Optional.empty());
        }
    }

    /** What became of a group in a call. */
    sealed interface Outcome {}

    /**
     * @param refused why, by partition; the others are done
     * @param textless those of the others whose text is longer than the cluster takes: they are set without one
     */
    record Done(SortedMap<PartitionKey, String> refused, SortedSet<PartitionKey> textless) implements Outcome {

        public Done(SortedMap<PartitionKey, String> refused) {
            this(refused, new TreeSet<>());
        }
    }

    /** The group has members there; nothing was done. */
    record Active() implements Outcome {}

    /** Those of the groups that have members on this cluster; their positions are their own. */
    Set<String> active(Collection<String> groups) throws InterruptedException;

    /** Sets positions, of each group at once. */
    Map<String, Outcome> write(Map<String, Map<PartitionKey, Position>> positions) throws InterruptedException;

    /** Deletes positions; one that is not there is no error. */
    Map<String, Outcome> delete(Map<String, Set<PartitionKey>> positions) throws InterruptedException;
}
