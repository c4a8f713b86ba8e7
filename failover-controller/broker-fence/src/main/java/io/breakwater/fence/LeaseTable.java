package io.breakwater.fence;

import io.breakwater.fence.GroupLease.AccessClass;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.ResourceType;

/**
 * Who may write now. Time comes in as a parameter, on {@link System#nanoTime()}'s scale.
 *
 * <p>Invariants: without an unexpired lease nothing governed is open; a group's epoch never goes back; a lease is
 * counted from before its pull was sent, so that it ends here before the controllers can think that it has lapsed.
 *
 * <p>Governed are the three operations that change what a failover must not lose: {@code WRITE} on a topic,
 * {@code WRITE} on a transactional id (which also ends transactions), {@code READ} on a consumer group (which also
 * commits positions). Reading records is never governed.
 *
 * <p>A group that is missing in a later answer keeps its patterns and closes when its lease ends, until the broker
 * restarts: one node with an old platform file must not open it to everybody.
 *
 * <p>{@link #accept} is called by one thread, everything else by any.
 */
final class LeaseTable {

    private static final LeaseDecision NOT_GOVERNED = new LeaseDecision.NotGoverned();
    private static final LeaseDecision OPEN = new LeaseDecision.Open();
    private static final LeaseDecision NEVER_ANSWERED =
            new LeaseDecision.Closed("no controller has answered a lease pull since this broker started");

    /** @param answered whether any answer came since the start */
    private record Known(boolean answered, SortedMap<String, GroupLease> leases) {}

    /** One class of one group that is open. */
    record Opening(String group, long epoch, AccessClass accessClass) implements Comparable<Opening> {
        @Override
        public int compareTo(Opening other) {
            return toString().compareTo(other.toString());
        }

        @Override
        public String toString() {
            return "group=" + group + " class=" + accessClass.name().toLowerCase(Locale.ROOT) + " epoch=" + epoch;
        }
    }

    private final Set<String> exempt;
    private volatile Known known = new Known(false, new TreeMap<>());

    /** @param exempt principals to which only the ACLs apply, as {@code Type:name} */
    LeaseTable(Set<String> exempt) {
        this.exempt = Set.copyOf(exempt);
    }

    /**
     * Takes over what a controller answered; of a group with an older epoch than one seen before, nothing.
     *
     * @param sentAt from before the pull was sent
     */
    void accept(LeaseAnswer answer, long sentAt) {
        SortedMap<String, GroupLease> leases = new TreeMap<>(known.leases);
        for (LeaseAnswer.Group group : answer.groups()) {
            GroupLease before = leases.get(group.group());
            if (before == null || before.epoch() <= group.epoch()) {
                leases.put(group.group(), GroupLease.of(group, sentAt));
            }
        }
        known = new Known(true, leases);
    }

    LeaseDecision decide(String principal, ResourceType type, String name, AclOperation operation, long now) {
        if (!isGoverned(type, operation) || exempt.contains(principal)) {
            return NOT_GOVERNED;
        }
        Known current = known;
        if (!current.answered) {
            return NEVER_ANSWERED;
        }
        if (type == ResourceType.TRANSACTIONAL_ID) {
            return anyOpen(principal, current.leases.values(), now);
        }
        List<GroupLease> owners = current.leases.values().stream()
                .filter(lease -> type == ResourceType.TOPIC ? lease.ownsTopic(name) : lease.ownsConsumerGroup(name))
                .toList();
        return allOpen(principal, owners, now);
    }

    static boolean isGoverned(ResourceType type, AclOperation operation) {
        return operation == AclOperation.WRITE
                ? type == ResourceType.TOPIC || type == ResourceType.TRANSACTIONAL_ID
                : operation == AclOperation.READ && type == ResourceType.GROUP;
    }

    /** A transactional id names no protection group: any that is open to the principal will do. */
    private static LeaseDecision anyOpen(String principal, Collection<GroupLease> leases, long now) {
        LeaseDecision decision = NOT_GOVERNED;
        for (GroupLease lease : leases) {
            AccessClass accessClass = lease.classOf(principal);
            if (lease.isOpen(accessClass, now)) {
                return OPEN;
            }
            decision = new LeaseDecision.Closed(lease.whyClosed(accessClass, now));
        }
        return decision;
    }

    private static LeaseDecision allOpen(String principal, Collection<GroupLease> owners, long now) {
        LeaseDecision decision = NOT_GOVERNED;
        for (GroupLease lease : owners) {
            AccessClass accessClass = lease.classOf(principal);
            if (!lease.isOpen(accessClass, now)) {
                return new LeaseDecision.Closed(lease.whyClosed(accessClass, now));
            }
            decision = OPEN;
        }
        return decision;
    }

    /** What is open now. */
    Set<Opening> openings(long now) {
        Set<Opening> openings = new TreeSet<>();
        for (GroupLease lease : known.leases.values()) {
            for (AccessClass accessClass : AccessClass.values()) {
                if (lease.isOpen(accessClass, now)) {
                    openings.add(new Opening(lease.group(), lease.epoch(), accessClass));
                }
            }
        }
        return openings;
    }
}
