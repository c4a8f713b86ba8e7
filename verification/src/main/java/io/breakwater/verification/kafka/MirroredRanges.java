package io.breakwater.verification.kafka;

import io.breakwater.platform.Flow;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.Segment.Range;
import io.breakwater.platform.SegmentHistory;
import io.breakwater.region.ProvenanceStamp;
import io.breakwater.verification.kafka.PartitionScan.Extent;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.Uuid;

/**
 * One partition on two clusters, range by range of their segments: in each, what one of them wrote and what the other
 * has of it as a copy. What lies between ranges is an orphan tail and was never to be copied. For one thread.
 */
final class MirroredRanges {

    private final PartitionKey partition;
    private final SegmentHistory history;
    private final Flow flow;
    private final Side source;
    private final Side replica;

    /** One of the two clusters. */
    record Side(PartitionScan scan, Extent extent, Uuid clusterId) {}

    /** Records on the cluster that wrote them, and their copies; both by the offsets of the originals. */
    record Compared(RecordDigests originals, RecordDigests copies) {}

    /** @param history {@link SegmentHistory#NONE} if the partition was only ever mirrored one way, as a whole */
    MirroredRanges(PartitionKey partition, SegmentHistory history, Flow flow, Side source, Side replica) {
        this.partition = partition;
        this.history = history;
        this.flow = flow;
        this.source = source;
        this.replica = replica;
    }

    /**
     * What the flow carried to the replica. Below the claimed position all of it must be there, as far as the source
     * still keeps it.
     *
     * @param through exclusive source offset
     */
    Compared carried(long through) {
        Compared compared = new Compared(new RecordDigests(), new RecordDigests());
        List<Range> ranges = history.segments().isEmpty() ? List.of(Range.WHOLE) : ranges(flow);
        for (Range range : ranges) {
            long from = Math.max(range.sourceFrom(), source.extent().begin());
            long to = Math.min(
                    source.extent().end(), Math.min(through, range.sourceTo().orElse(through)));
            originals(source, from, to, compared.originals());
            copies(replica, source.clusterId(), range, (offset, record) -> {
                if (offset >= from && offset < to) {
                    compared.copies().add(offset, record);
                }
            });
        }
        return compared;
    }

    /**
     * What the reverse flow brought from the replica. Of each record that the source has from there, the replica must
     * have the original, as far as it still keeps it.
     */
    Compared brought() {
        Compared compared = new Compared(new RecordDigests(), new RecordDigests());
        for (Range range : ranges(flow.reversed())) {
            long kept = Math.max(range.sourceFrom(), replica.extent().begin());
            boolean trimmed = source.extent().begin() > range.targetFrom();
            AtomicLong from = new AtomicLong(trimmed ? Long.MAX_VALUE : kept);
            AtomicLong to = new AtomicLong();
            copies(source, replica.clusterId(), range, (offset, record) -> {
                if (offset >= kept) {
                    from.accumulateAndGet(offset, Math::min);
                    to.accumulateAndGet(offset + 1, Math::max);
                    compared.copies().add(offset, record);
                }
            });
            originals(replica, from.get(), to.get(), compared.originals());
        }
        return compared;
    }

    private List<Range> ranges(Flow ofFlow) {
        return history.segments().stream()
                .filter(segment -> segment.flow().equals(ofFlow))
                .map(segment -> segment.range(partition))
                .flatMap(Optional::stream)
                .toList();
    }

    private void originals(Side writer, long from, long to, RecordDigests into) {
        if (from < to) {
            writer.scan().read(partition, from, to, record -> into.add(record.offset(), record));
        }
    }

    private interface Copy {
        void met(long originalOffset, ConsumerRecord<byte[], byte[]> record);
    }

    private void copies(Side holder, Uuid writer, Range range, Copy copy) {
        long from = Math.max(range.targetFrom(), holder.extent().begin());
        long to = Math.min(
                range.targetTo().orElse(holder.extent().end()), holder.extent().end());
        if (from < to) {
            holder.scan()
                    .read(
                            partition,
                            from,
                            to,
                            record -> ProvenanceStamp.of(record.headers())
                                    .filter(stamp -> stamp.clusterId().equals(writer))
                                    .ifPresent(stamp -> copy.met(stamp.offset(), record)));
        }
    }
}
