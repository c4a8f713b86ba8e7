package io.breakwater.region;

import io.breakwater.region.SegmentWalk.Look.AtOrigin;
import io.breakwater.region.VisibleRecords.Range;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Reads the first record at or past each of many positions of one source partition, in their order, so that positions
 * which lie close together share what is fetched, and those between two records share the record.
 */
final class OriginReads implements VisibleRecords.Probing {

    private final Deque<Wanted> open = new ArrayDeque<>();

    /** @param look where the walk has to look */
    private record Wanted(SegmentWalk walk, Range look) {}

    /**
     * @param walks of one partition, each of which asks for a record of the source
     * @param extent of the partition
     */
    OriginReads(Collection<SegmentWalk> walks, Range extent) {
        walks.stream()
                .map(walk -> new Wanted(walk, range(walk, extent)))
                .sorted(Comparator.comparingLong(wanted -> wanted.look().from()))
                .forEach(open::add);
    }

    private static Range range(SegmentWalk walk, Range extent) {
        if (walk.look().orElse(null) instanceof AtOrigin look) {
            long to = Math.min(extent.to(), look.to().orElse(Long.MAX_VALUE));
            return new Range(Math.min(to, Math.max(extent.from(), look.from())), to);
        }
        throw new IllegalArgumentException("the walk of " + walk.partition() + " asks for nothing of the source");
    }

    @Override
    public Range probe() {
        return open.element().look();
    }

    /** The first record at or past the position, whatever it is. */
    @Override
    public boolean wants(ConsumerRecord<byte[], byte[]> record) {
        // Read in any case, so that a stamp that cannot be read fails where its place is known.
        ProvenanceStamp.of(record.headers());
        return true;
    }

    @Override
    public boolean isDoneAfter(Optional<ConsumerRecord<byte[], byte[]>> met) {
        long until = open.element().look().to();
        long at = met.map(ConsumerRecord::offset).orElse(until - 1);
        Wanted first = open.remove();
        answer(first.walk(), met);
        // Those that lie in front of the same record, in the same range of the partition.
        while (!open.isEmpty()
                && open.element().look().from() <= at
                && open.element().look().to() == until) {
            answer(open.remove().walk(), met);
        }
        return open.isEmpty();
    }

    private static void answer(SegmentWalk walk, Optional<ConsumerRecord<byte[], byte[]>> met) {
        met.ifPresentOrElse(record -> walk.originRead(ProvenanceStamp.of(record.headers())), walk::originEmpty);
    }
}
