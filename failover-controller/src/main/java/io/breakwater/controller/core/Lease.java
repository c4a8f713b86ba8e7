package io.breakwater.controller.core;

import java.time.Instant;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The active region's right to accept writes, in the group's present epoch.
 *
 * @param renewalIndex one more at each renewal; never goes back, not even over epochs
 * @param lapsed once true, the region that is left can accept nothing more, and no renewal is granted to it in this epoch;
 *     where ACLs close it, that its fence is confirmed
 * @param renewals by broker, its last renewal
 */
public record Lease(long renewalIndex, boolean lapsed, SortedMap<String, Renewal> renewals) {

    /** What a broker was granted last. */
    public record Renewal(Instant at, Gates gates) {}

    public static final Lease NONE = new Lease(0, false, new TreeMap<>());

    public Lease {
        renewals = Collections.unmodifiableSortedMap(new TreeMap<>(renewals));
    }

    Lease renewed(String broker, Gates gates, Instant now) {
        SortedMap<String, Renewal> next = new TreeMap<>(renewals);
        next.put(broker, new Renewal(now, gates));
        return new Lease(renewalIndex + 1, false, next);
    }

    Lease lapse() {
        return new Lease(renewalIndex, true, renewals);
    }

    /** A lease of a new epoch or region: nobody holds it yet. */
    Lease anew() {
        return new Lease(renewalIndex, false, new TreeMap<>());
    }
}
