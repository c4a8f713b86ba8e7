package io.breakwater.local.mirror;

import io.breakwater.platform.PartitionKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** What became of the positions of one or more rounds. */
final class PositionsOutcome {

    private final SortedMap<PositionChoice.Kind, Integer> kinds;
    private final List<String> wrong = new ArrayList<>();
    private final Behind ours = new Behind();
    private final Behind peers = new Behind();
    private int checked;

    /** Of one side, held against what was committed last before the kill. */
    private static final class Behind {

        private long reread;
        private long skipped;
        private long most;
        private int without;

        void add(MirroredIds ids, PartitionKey partition, long source, Map<PartitionKey, Long> positions) {
            Long position = positions.get(partition);
            if (position == null) {
                without++;
                return;
            }
            MirroredIds.Off off = ids.off(partition, source, position);
            reread += off.reread();
            skipped += off.skipped();
            most = Math.max(most, off.reread());
        }

        void add(Behind other) {
            reread += other.reread;
            skipped += other.skipped;
            most = Math.max(most, other.most);
            without += other.without;
        }

        @Override
        public String toString() {
            return reread + " re-read (at most " + most + " in a group-partition), " + skipped + " skipped, " + without
                    + " group-partitions without a position";
        }
    }

    PositionsOutcome(SortedMap<PositionChoice.Kind, Integer> kinds) {
        this.kinds = new TreeMap<>(kinds);
    }

    /** A position of ours, held against the source position that had reached the standby. */
    void ours(String place, MirroredIds ids, PartitionKey partition, long source, long position) {
        checked++;
        MirroredIds.Off off = ids.off(partition, source, position);
        if (off.reread() > 0 || off.skipped() > 0) {
            wrong.add(place + ", source " + source + ", standby " + position + ": " + off);
        }
    }

    /** The positions of a group and its twin, both held against the last commit, also if it never came over. */
    void atLastCommit(
            MirroredIds ids,
            PartitionKey partition,
            long source,
            Map<PartitionKey, Long> oursAt,
            Map<PartitionKey, Long> peersAt) {
        ours.add(ids, partition, source, oursAt);
        peers.add(ids, partition, source, peersAt);
    }

    void add(PositionsOutcome other) {
        other.kinds.forEach((kind, count) -> kinds.merge(kind, count, Integer::sum));
        wrong.addAll(other.wrong);
        ours.add(other.ours);
        peers.add(other.peers);
        checked += other.checked;
    }

    /** Group-partitions. */
    int checked() {
        return checked;
    }

    /** Those that are off, with their seed. */
    List<String> wrong() {
        return List.copyOf(wrong);
    }

    /** How often each kind of place was chosen. */
    Map<PositionChoice.Kind, Integer> kinds() {
        return Map.copyOf(kinds);
    }

    @Override
    public String toString() {
        return checked + " group-partitions, " + wrong.size() + " off. Against the last commits, ours: " + ours
                + "; MirrorMaker's group sync: " + peers;
    }
}
