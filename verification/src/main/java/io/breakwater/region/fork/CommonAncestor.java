package io.breakwater.region.fork;

import io.breakwater.region.BridgeMark;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.RelativeCommit;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;

/** Up to which version the logs of a table in two regions are one. */
public sealed interface CommonAncestor {

    /**
     * @param version the last one that both have; -1 if the promoted region has none of the table's
     * @param claim the promoted region's commit of the next version, its promotion or what fills the way to that; empty if
     *     it is not known to be either
     */
    record At(long version, Optional<byte[]> claim) implements CommonAncestor {}

    /** The region that was left has no such table. */
    record NoTable() implements CommonAncestor {}

    /** It can't be told, so that nothing may be moved. */
    record Unknown(String reason) implements CommonAncestor {}

    /**
     * @param left the log in the region that was left
     * @param promoted the log in the other one
     * @param promotedVersion of the promotion commit there; everything before it was replicated
     */
    static CommonAncestor find(DeltaLogFiles left, DeltaLogFiles promoted, long promotedVersion) {
        OptionalLong newest = left.newestVersion();
        if (newest.isEmpty()) {
            return new NoTable();
        }
        long last = Math.min(promotedVersion - 1, newest.getAsLong());
        while (last >= 0 && last < promotedVersion - 1 && isFence(left, last)) {
            last--;
        }
        // A mirror that died on a way over versions had not come to their end: the replica was the version before them.
        boolean onTheWay = false;
        while (last >= 0 && promoted.commit(last).filter(BridgeMark::isFilling).isPresent()) {
            last--;
            onTheWay = true;
        }
        if (onTheWay && last < 0) {
            // What its first versions hold is a later version's content: no number of one log means the same in the
            // other.
            return new Unknown("when it was promoted, the replica " + promoted.table() + " was on its way to its first"
                    + " version, over versions that"
                    + " the source had vacuumed: no"
                    + " version is in both logs."
                    + " Remedy: compare the tables'"
                    + " rows, then move one of the"
                    + " two logs away");
        }
        Optional<byte[]> here = left.commit(last);
        Optional<byte[]> there = promoted.commit(last);
        if (here.isEmpty() || there.isEmpty()) {
            return new Unknown("version " + last + " is no longer in the log of "
                    + (here.isEmpty() ? left : promoted).table()
                    + ", so that it can't be told whether both logs are one up to it");
        }
        if (!isSame(left, here.get(), there.get())) {
            return new Unknown("version " + last + " of " + left.table() + " and of " + promoted.table()
                    + " are not the same commit, although it was replicated before the promotion");
        }
        return new At(last, onTheWay || last == promotedVersion - 1 ? promoted.commit(last + 1) : Optional.empty());
    }

    private static boolean isFence(DeltaLogFiles log, long version) {
        return log.commit(version).filter(FenceCommit::isFence).isPresent();
    }

    /** A replica's commit may stand for one of another wording: over a gap, or with paths made relative. */
    private static boolean isSame(DeltaLogFiles left, byte[] here, byte[] there) {
        return Arrays.equals(here, there)
                || BridgeMark.standsFor(there, here)
                || BridgeMark.standsFor(here, there)
                || relative(left, here)
                        .filter(bytes -> Arrays.equals(bytes, there))
                        .isPresent();
    }

    private static Optional<byte[]> relative(DeltaLogFiles left, byte[] commit) {
        return RelativeCommit.of(commit, left.table(), bucket -> true) instanceof RelativeCommit.Outcome.Relative r
                ? Optional.of(r.commit().bytes())
                : Optional.empty();
    }
}
