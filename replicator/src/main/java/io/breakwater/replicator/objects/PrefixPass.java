package io.breakwater.replicator.objects;

import io.breakwater.region.ObjectListing;
import io.breakwater.region.ObjectStore.ObjectInfo;
import io.breakwater.region.ObjectStoreException;
import io.breakwater.region.ObjectTally;
import io.breakwater.replicator.copy.CopyJob;
import io.breakwater.replicator.copy.CopyOutcome;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Holds the source's listing against the standby's and copies what is new, a batch of objects at a time. Both listings
 * are read page by page, so that memory does not grow with the prefix. A batch that fails because a store does not
 * answer is taken up again where it was. For one thread.
 */
final class PrefixPass {

    /** Objects of the source that are looked at in one step. */
    private static final int BATCH = 1_000;

    /** More objects than that can't be copied: something is wrong that each further one would meet too. */
    private static final int MOST_FAILED = 1_000;

    /** Where a table's log lies: such objects have an order, which a prefix does not keep. */
    private static final String TABLE_LOG = "_delta_log/";

    /** Where what Breakwater notes itself lies in a bucket. */
    private static final String OWN = "_breakwater/";

    /** An object of the source, and what stood on the standby under its key. */
    private record Pair(ObjectInfo meant, Optional<ObjectInfo> there) {}

    private final PrefixEnds ends;
    private final KnownPairs known;
    private final Instant begun;
    private final ObjectTally tally;
    private final String lateUpTo;
    private final ObjectListing source;
    private final ObjectListing target;
    private final List<Pair> batch = new ArrayList<>();
    private final Findings changed = new Findings();
    private final Findings refused = new Findings();
    private final Findings failed = new Findings();
    private final Findings late = new Findings();
    private String lastKey;

    /**
     * @param begun before anything was listed
     * @param behind where an earlier pass ended, and what it added up; nothing for all objects
     * @param lateUpTo the key up to which all objects were thought to be known
     */
    PrefixPass(PrefixEnds ends, KnownPairs known, Instant begun, Behind behind, String lateUpTo) {
        this.ends = ends;
        this.known = known;
        this.begun = begun;
        this.tally = behind.tally().copy();
        this.lastKey = behind.key();
        this.lateUpTo = lateUpTo;
        this.source = new ObjectListing(ends.sourceStore(), ends.source(), behind.key());
        this.target = new ObjectListing(
                ends.targetStore(),
                ends.target(),
                behind.key().isEmpty()
                        ? ""
                        : ends.target().key()
                                + behind.key().substring(ends.source().key().length()));
    }

    /**
     * Where a pass begins.
     *
     * @param key of the source, empty for the beginning
     * @param tally of all objects up to that key
     */
    record Behind(String key, ObjectTally tally) {
        static Behind nothing() {
            return new Behind("", new ObjectTally());
        }
    }

    /**
     * Looks at the next batch.
     *
     * @return whether the pass has ended
     * @throws ObjectStoreException if a listing fails; the next step takes it up
     */
    boolean step() throws InterruptedException {
        while (batch.size() < BATCH) {
            Optional<ObjectInfo> meant = source.peek();
            if (meant.isEmpty()) {
                break;
            }
            batch.add(new Pair(meant.get(), standing(ends.below(meant.get().uri()))));
            source.advance();
        }
        settle();
        return failed.count() >= MOST_FAILED || source.peek().isEmpty();
    }

    /** What the standby has under a key; goes past what it has before that. */
    private Optional<ObjectInfo> standing(String below) {
        String key = ends.target().key() + below;
        while (true) {
            Optional<ObjectInfo> there = target.peek();
            int order = there.map(info -> ObjectListing.compare(info.uri().key(), key))
                    .orElse(1);
            if (order <= 0) {
                target.advance();
            }
            if (order >= 0) {
                return order == 0 ? there : Optional.empty();
            }
        }
    }

    private void settle() throws InterruptedException {
        List<Pair> asked = batch.stream().filter(this::isToBeCopied).toList();
        List<CopyOutcome> outcomes = asked.isEmpty()
                ? List.of()
                : ends.copier().copy(asked.stream().map(this::job).toList());
        if (outcomes.stream().anyMatch(CopyOutcome.Failed.class::isInstance)) {
            checkStores();
        }
        int next = 0;
        for (Pair pair : batch) {
            boolean copied = next < asked.size() && asked.get(next).equals(pair);
            settle(pair, copied ? Optional.of(outcomes.get(next++)) : Optional.empty());
            lastKey = pair.meant().uri().key();
        }
        batch.clear();
    }

    /** Objects that failed because a store is away are no findings: the batch is taken up again. */
    private void checkStores() {
        String last = batch.get(batch.size() - 1).meant().uri().key();
        ends.sourceStore().page(ends.source(), last);
        ends.targetStore().page(ends.target(), last);
    }

    private CopyJob job(Pair pair) {
        return new CopyJob(
                pair.meant().uri(),
                ends.target(pair.meant().uri()),
                OptionalLong.of(pair.meant().size()));
    }

    private boolean isToBeCopied(Pair pair) {
        return !isOwn(pair) && !isOfTable(pair) && equal(pair).isEmpty();
    }

    private boolean isOwn(Pair pair) {
        return pair.meant().uri().key().startsWith(OWN);
    }

    private boolean isOfTable(Pair pair) {
        return ("/" + ends.below(pair.meant().uri())).contains("/" + TABLE_LOG);
    }

    /** Whether both are the same, as far as that is known without asking; empty if nothing stands there. */
    private Optional<Boolean> equal(Pair pair) {
        ObjectInfo meant = pair.meant();
        return pair.there()
                .flatMap(there -> there.size() == meant.size() && there.etag().equals(meant.etag())
                        ? Optional.of(true)
                        : known.equal(meant, there));
    }

    private void settle(Pair pair, Optional<CopyOutcome> outcome) {
        ObjectInfo meant = pair.meant();
        if (isOwn(pair)) {
            return;
        }
        if (isOfTable(pair)) {
            refused.add(meant.uri().toString());
        } else if (outcome.isEmpty()) {
            arrivedOrChanged(pair, equal(pair).orElse(false));
        } else if (outcome.get() instanceof CopyOutcome.Arrived) {
            pair.there().ifPresent(there -> known.compared(meant, there, true));
            if (pair.there().isEmpty() && ObjectListing.compare(meant.uri().key(), lateUpTo) <= 0) {
                late.add(meant.uri().toString());
            }
            arrivedOrChanged(pair, true);
        } else if (outcome.get() instanceof CopyOutcome.Different
                && pair.there().isPresent()) {
            known.compared(meant, pair.there().get(), false);
            arrivedOrChanged(pair, false);
        } else if (!(outcome.get() instanceof CopyOutcome.SourceMissing)) {
            // What the listing did not show yet was put, or written again, since: the next pass sees it.
            failed.add(outcome.get().toString());
        }
    }

    private void arrivedOrChanged(Pair pair, boolean equal) {
        ObjectInfo meant = pair.meant();
        if (equal) {
            tally.add(ends.below(meant.uri()), meant.size());
        } else {
            ObjectInfo there = pair.there().orElseThrow();
            changed.add(meant.uri() + " has " + meant.size() + " bytes, tag " + meant.etag() + ", on the standby "
                    + there.size() + " bytes, tag " + there.etag());
        }
    }

    Instant begun() {
        return begun;
    }

    /** Where the next pass may begin, if keys ascend. */
    Behind end() {
        return new Behind(lastKey, tally);
    }

    /** Objects that were written again at the source. */
    Findings changed() {
        return changed;
    }

    /** Objects that are none of a prefix. */
    Findings refused() {
        return refused;
    }

    /** Objects that could not be copied. */
    Findings failed() {
        return failed;
    }

    /** Objects that came with a key up to which all were thought to be known. */
    Findings late() {
        return late;
    }
}
