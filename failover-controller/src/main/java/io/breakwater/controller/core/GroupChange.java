package io.breakwater.controller.core;

import io.breakwater.platform.Epoch;
import io.breakwater.platform.SegmentHistory;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Collects what changes in a {@link GroupState}. Lives within one call of the machine. */
final class GroupChange {

    private String active;
    private String standby;
    private Epoch epoch;
    private Gates gates;
    private Lease lease;
    private Optional<String> operation;
    private Optional<Instant> coolDownUntil;
    private boolean frozen;
    private Optional<Readiness> readiness;
    private long recoveryPoints;
    private boolean flowPending;
    private SegmentHistory segments;
    private Optional<PendingRequest> pending;
    private Optional<JobFence> jobFence;
    private final SortedMap<String, FenceState> fences;
    private List<Denial> denials;

    GroupChange(GroupState from) {
        active = from.active();
        standby = from.standby();
        epoch = from.epoch();
        gates = from.gates();
        lease = from.lease();
        operation = from.operation();
        coolDownUntil = from.coolDownUntil();
        frozen = from.frozen();
        readiness = from.readiness();
        recoveryPoints = from.recoveryPoints();
        flowPending = from.flowPending();
        segments = from.segments();
        pending = from.pending();
        jobFence = from.jobFence();
        fences = new TreeMap<>(from.fences());
        denials = from.denials();
    }

    /** The other region becomes the active one, closed, with nobody holding its lease; what runs in this one is to end. */
    GroupChange promoted() {
        String left = active;
        active = standby;
        standby = left;
        gates = Gates.CLOSED;
        lease = lease.anew();
        jobFence = Optional.of(JobFence.owed(left));
        return this;
    }

    GroupChange epoch(Epoch next) {
        if (next.compareTo(epoch) <= 0) {
            throw new IllegalStateException("epoch " + next + " does not follow epoch " + epoch);
        }
        epoch = next;
        return this;
    }

    GroupChange gates(Gates next) {
        gates = next;
        return this;
    }

    GroupChange lease(Lease next) {
        if (next.renewalIndex() < lease.renewalIndex()) {
            throw new IllegalStateException("renewal index goes back from " + lease.renewalIndex());
        }
        lease = next;
        return this;
    }

    GroupChange operation(Optional<String> next) {
        operation = next;
        return this;
    }

    GroupChange coolDownUntil(Instant next) {
        coolDownUntil = Optional.of(next);
        return this;
    }

    GroupChange noCoolDown() {
        coolDownUntil = Optional.empty();
        return this;
    }

    GroupChange frozen(boolean next) {
        frozen = next;
        return this;
    }

    GroupChange readiness(Readiness next, long points) {
        readiness = Optional.of(next);
        recoveryPoints = points;
        return this;
    }

    GroupChange noReadiness() {
        readiness = Optional.empty();
        return this;
    }

    GroupChange flowPending(boolean next) {
        flowPending = next;
        return this;
    }

    GroupChange segments(SegmentHistory next) {
        segments = next;
        return this;
    }

    GroupChange pending(Optional<PendingRequest> next) {
        pending = next;
        return this;
    }

    GroupChange jobFence(JobFence next) {
        jobFence = Optional.of(next);
        return this;
    }

    /** @param next empty where nothing is to be known any more */
    GroupChange fence(String region, Optional<FenceState> next) {
        fences.remove(region);
        next.ifPresent(fence -> fences.put(region, fence));
        return this;
    }

    GroupChange denials(List<Denial> next) {
        denials = next;
        return this;
    }

    GroupState done() {
        return new GroupState(
                active,
                standby,
                epoch,
                gates,
                lease,
                operation,
                coolDownUntil,
                frozen,
                readiness,
                recoveryPoints,
                flowPending,
                segments,
                pending,
                jobFence,
                fences,
                denials);
    }
}
