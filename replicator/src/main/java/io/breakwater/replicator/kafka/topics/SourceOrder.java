package io.breakwater.replicator.kafka.topics;

import io.breakwater.platform.PartitionKey;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.Uuid;

/**
 * Whether what comes from a source partition continues what was mirrored from it before, and whether its copy is still
 * the one that has what was before. Pure; for one thread.
 *
 * <p>Invariant: of each partition, the admitted records are of one incarnation of the topic, go to one incarnation of its
 * copy, and their offsets only grow. A partition that breaks this once is refused until its copy is empty: a standby's
 * copy in which two incarnations or two histories are mixed has no exact positions, and nobody would see it.
 */
final class SourceOrder {

    /**
     * The last record that was mirrored.
     *
     * @param topicId of the topic when it was; empty if a position was set from outside
     * @param offset -1 if it was set from outside that nothing was mirrored
     * @param copyId of the standby's topic when it was; empty if that is not known
     */
    record Position(Optional<Uuid> topicId, long offset, Optional<Uuid> copyId) {

        Position(Optional<Uuid> topicId, long offset) {
            this(topicId, offset, Optional.empty());
        }
    }

    /** What is done with a record. */
    sealed interface Admission {
        /** It is mirrored. */
        record Admitted() implements Admission {}

        /** It is left out, like all that follow it in its partition. */
        record Refused() implements Admission {}

        /** The first one that is left out: somebody must be told why. */
        record RefusedNow(String why) implements Admission {}
    }

    private static final Admission ADMITTED = new Admission.Admitted();
    private static final Admission REFUSED = new Admission.Refused();

    private final String source;
    private final Map<PartitionKey, Course> courses = new HashMap<>();

    /**
     * @param source the source's name, for messages
     * @param positions where the mirror stands
     */
    SourceOrder(String source, Map<PartitionKey, Position> positions) {
        this.source = source;
        positions.forEach((partition, last) -> {
            Course course = of(partition);
            course.topicId = last.topicId();
            course.copyId = last.copyId();
            course.next = last.offset() + 1;
            course.known = true;
        });
    }

    /** The last record that was admitted of each partition that had one, here or before. */
    Map<PartitionKey, Position> positions() {
        Map<PartitionKey, Position> positions = new HashMap<>();
        courses.forEach((partition, course) -> {
            if (course.next > 0) {
                positions.put(partition, new Position(course.topicId, course.next - 1, course.copyId));
            }
        });
        return positions;
    }

    /** What the log says of a partition that is left out. */
    static String refusal(PartitionKey partition, String why) {
        return partition + " is no longer mirrored: " + why + "; it goes on by itself once that is so";
    }

    /** The same for every call with this partition. */
    Course of(PartitionKey partition) {
        return courses.computeIfAbsent(partition, p -> new Course(source, p));
    }

    /** One partition's records. */
    static final class Course {

        private final String source;
        private final PartitionKey partition;
        private Optional<Uuid> topicId = Optional.empty();
        private Optional<Uuid> copyId = Optional.empty();
        /** The least offset that may come. */
        private long next;

        /** Whether its begin was told, and not only not known. */
        private boolean known;

        private boolean refused;

        private Course(String source, PartitionKey partition) {
            this.source = source;
            this.partition = partition;
        }

        /** Where its records go; empty if that is not known. */
        Optional<Uuid> copyId() {
            return copyId;
        }

        /** @param now the id of the standby's topic as it is now; asked before records are admitted */
        Admission goesTo(Uuid now) {
            if (refused) {
                return REFUSED;
            }
            if (copyId.isPresent() && !copyId.get().equals(now)) {
                return refuse("its topic was deleted and made anew on the standby while it was mirrored (it had id "
                        + copyId.get() + " and now has " + now + "), and what was mirrored up to offset " + (next - 1)
                        + " of " + source
                        + " is missing there; stop the connector, delete the topic on the standby once"
                        + " more, and resume the connector, to have it mirrored from the beginning");
            }
            copyId = Optional.of(now);
            return ADMITTED;
        }

        /** @param now the id of the source's topic as it is now */
        Admission admit(long offset, Uuid now) {
            if (refused) {
                return REFUSED;
            }
            if (topicId.isPresent() && !topicId.get().equals(now)) {
                return refuse("the topic was re-created on " + source + ": it was mirrored up to offset " + (next - 1)
                        + " under id " + topicId.get() + " and now has id " + now
                        + "; to mirror the new one, delete the topic on the standby, where the old one is, and the"
                        + " mirror makes it anew");
            }
            if (offset < next) {
                return refuse("offset " + offset + " of " + source + " comes again after " + (next - 1)
                        + ": the source lost records that the standby has (an unclean leader election), or its"
                        + " consumer was set back; compare both, then stop the connector, set its offset, or delete the"
                        + " topic on the standby to mirror it from the beginning, and resume the connector");
            }
            if (topicId.isEmpty()) {
                topicId = Optional.of(now);
            }
            next = offset + 1;
            return ADMITTED;
        }

        /** Whether nothing was admitted, here or before, and nobody said that it is to begin at the beginning. */
        boolean isNew() {
            return next == 0 && !known;
        }

        boolean isRefused() {
            return refused;
        }

        /** Leaves out this record and all that follow it in its partition. */
        Admission refuse(String why) {
            if (refused) {
                return REFUSED;
            }
            refused = true;
            return new Admission.RefusedNow(refusal(partition, why));
        }
    }
}
