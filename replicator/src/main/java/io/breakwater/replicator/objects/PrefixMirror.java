package io.breakwater.replicator.objects;

import io.breakwater.platform.Alarm;
import io.breakwater.platform.ReplicaPosition;
import io.breakwater.platform.ReplicaPosition.Carried;
import io.breakwater.region.ObjectStoreException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Keeps the replica of one prefix complete, pass after pass. A position is told once a pass has found, or put, every
 * object that the source had when the pass began.
 *
 * <p>Invariant: nothing that stands on the standby is replaced or removed. Another region's writers may be at work there
 * by the time a late mirror goes on, and neither a put nor a deletion can be made to depend on what stands at a key on
 * every store. For one thread, but for {@link #alarms}.
 */
final class PrefixMirror {

    private final PrefixAsset asset;
    private final PrefixEnds ends;
    private final Clock clock;
    private final KnownPairs known = new KnownPairs();
    private Optional<PrefixPass> pass = Optional.empty();
    private Optional<Full> full = Optional.empty();
    private volatile List<Alarm> alarms = List.of();

    /** The last complete pass over everything. */
    private record Full(Instant begun, PrefixPass.Behind end, Findings changed) {}

    /**
     * How a pass ended.
     *
     * @param position how far the replica has come; empty if it lacks what the source had
     * @param failed what could not be copied and is tried again
     */
    record Ended(Optional<ReplicaPosition> position, Optional<String> failed) {}

    PrefixMirror(PrefixAsset asset, PrefixEnds ends, Clock clock) {
        this.asset = asset;
        this.ends = ends;
        this.clock = clock;
    }

    PrefixAsset asset() {
        return asset;
    }

    PrefixEnds ends() {
        return ends;
    }

    /**
     * Does a part of a pass.
     *
     * @return how it ended, if it did
     * @throws ObjectStoreException if a store does not list; the next step goes on where this one was
     */
    Optional<Ended> step() throws InterruptedException {
        PrefixPass now = pass.orElseGet(this::begin);
        pass = Optional.of(now);
        boolean ended = now.step();
        if (ended || now.changed().count() + now.refused().count() > 0) {
            alarms = found(now);
        }
        if (!ended) {
            return Optional.empty();
        }
        pass = Optional.empty();
        return Optional.of(end(now));
    }

    private PrefixPass begin() {
        Instant now = clock.instant();
        boolean fromFull = asset.keys() == PrefixAsset.Keys.ASCENDING
                && full.filter(last -> now.isBefore(last.begun().plus(asset.fullListing())))
                        .isPresent();
        String thoughtKnown = asset.keys() == PrefixAsset.Keys.ASCENDING
                ? full.map(last -> last.end().key()).orElse("")
                : "";
        PrefixPass.Behind behind = fromFull ? full.get().end() : PrefixPass.Behind.nothing();
        if (!fromFull) {
            full = Optional.empty();
        }
        return new PrefixPass(ends, known, now, behind, thoughtKnown);
    }

    private Ended end(PrefixPass ended) {
        Findings changed = new Findings();
        full.ifPresent(last -> changed.addAll(last.changed()));
        changed.addAll(ended.changed());
        boolean complete = ended.failed().count() == 0
                && ended.refused().count() == 0
                && (changed.count() == 0 || asset.changed() == PrefixAsset.Changed.KEEP);
        if (complete && full.isEmpty()) {
            full = Optional.of(new Full(ended.begun(), ended.end(), ended.changed()));
        }
        return new Ended(
                complete ? Optional.of(position(ended, changed)) : Optional.empty(),
                Optional.of(ended.failed())
                        .filter(failed -> failed.count() > 0)
                        .map(failed -> failed.count() + " objects are not copied: " + failed));
    }

    private ReplicaPosition position(PrefixPass ended, Findings changed) {
        List<String> notices = new ArrayList<>();
        if (changed.count() > 0) {
            notices.add(changed.count() + " objects were written again at the source; the standby keeps what arrived"
                    + " first: " + changed);
        }
        if (ends.sourceStore().policies().isEmpty()) {
            notices.add("nothing will hold writers off " + ends.source() + " once that region is left: its settings"
                    + " (dialect) name no fencePrincipals, which a bucket policy needs");
        }
        return ReplicaPosition.ofPrefix(ended.begun(), ends.target().toString())
                .with(
                        notices.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", notices)),
                        new Carried(
                                Math.toIntExact(ended.end().tally().objects()),
                                ended.end().tally().bytes(),
                                ended.end().tally().digest()));
    }

    private List<Alarm> found(PrefixPass seen) {
        List<Alarm> some = new ArrayList<>();
        if (seen.changed().count() > 0 && asset.changed() == PrefixAsset.Changed.REFUSE) {
            some.add(alarm(
                    "objects-changed",
                    seen.changed().count() + " objects were written again at the source and are not replaced: "
                            + seen.changed() + ". Remedy: remove the object from the standby if the source's is right,"
                            + " or set changed: keep",
                    true));
        }
        if (seen.refused().count() > 0) {
            some.add(alarm(
                    "objects-refused",
                    "not carried, because they belong to a table, whose files have an order: " + seen.refused()
                            + ". Remedy: make the table an asset of kind delta-table, outside of this prefix",
                    true));
        }
        if (seen.late().count() > 0) {
            some.add(alarm(
                    "objects-out-of-order",
                    "keys: ascending does not hold, so that positions claimed too much: " + seen.late()
                            + ". Remedy: set keys: any",
                    false));
        }
        return List.copyOf(some);
    }

    private Alarm alarm(String kind, String what, boolean blocking) {
        return new Alarm(kind, asset.id().toString(), asset.id() + ": " + what, blocking);
    }

    /** What is wrong with objects of the prefix; from any thread. */
    List<Alarm> alarms() {
        return alarms;
    }
}
