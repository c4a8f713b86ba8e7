package io.breakwater.controller.core;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.Flow;
import io.breakwater.platform.SegmentHistory;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Where a protection group is.
 *
 * @param active the one region that may hold the lease
 * @param standby the other one
 * @param operation the running operation's id
 * @param coolDownUntil until when no automatic failover follows the last one
 * @param frozen whether a person has forbidden automatic failovers
 * @param readiness the newest report
 * @param recoveryPoints how many different recovery points were reported
 * @param flowPending whether the flow {@link #flow()} has still to be told to run in this epoch
 * @param segments what the group's flows carried so far: where each began and ended
 * @param pending what waits for a second person
 * @param jobFence of the standby, if it was the active region once
 * @param fences by region, of those that ACLs close
 * @param denials why an automatic failover would be denied now; empty only in the moment of its decision
 */
public record GroupState(
        String active,
        String standby,
        Epoch epoch,
        Gates gates,
        Lease lease,
        Optional<String> operation,
        Optional<Instant> coolDownUntil,
        boolean frozen,
        Optional<Readiness> readiness,
        long recoveryPoints,
        boolean flowPending,
        SegmentHistory segments,
        Optional<PendingRequest> pending,
        Optional<JobFence> jobFence,
        @JsonSetter(nulls = Nulls.AS_EMPTY) SortedMap<String, FenceState> fences,
        List<Denial> denials) {

    public GroupState {
        fences = Collections.unmodifiableSortedMap(new TreeMap<>(fences));
        denials = List.copyOf(denials);
    }

    static GroupState beginning(GroupSettings settings) {
        return new GroupState(
                settings.home(),
                settings.standby(),
                Epoch.FIRST,
                Gates.OPEN,
                Lease.NONE,
                Optional.empty(),
                Optional.empty(),
                false,
                Optional.empty(),
                0,
                true,
                SegmentHistory.NONE,
                Optional.empty(),
                Optional.empty(),
                new TreeMap<>(),
                List.of());
    }

    /** The flow that keeps the standby ready. */
    public Flow flow() {
        return new Flow(active, standby);
    }

    /** Of a region that ACLs close; empty if it is meant to be open, or nobody has looked yet. */
    public Optional<FenceState> fence(String region) {
        return Optional.ofNullable(fences.get(region));
    }

    boolean awaitsApproval(Instant now) {
        return pending.filter(p -> p.stands(now)).isPresent();
    }

    GroupChange change() {
        return new GroupChange(this);
    }
}
