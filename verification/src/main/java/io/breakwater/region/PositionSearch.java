package io.breakwater.region;

import io.breakwater.region.PositionTranslator.Translation;
import io.breakwater.region.VisibleRecords.Range;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.Uuid;

/**
 * The search for one position in one mirrored partition; whoever drives it reads the probes. Invariant: every visible
 * record below {@code low} is before the position, every one from {@code high} on is not.
 */
final class PositionSearch {

    /** A stretch of this many offsets is read through instead of being halved further. */
    static final int STRETCH = 512;

    private final Uuid clusterId;
    private final Optional<Uuid> topicId;
    private final long position;
    private final long end;
    private long low;
    private long high;
    private long probed;
    private boolean reached;
    private boolean reading;

    /**
     * @param topicId of the source's topic, if stamps of another one (an earlier topic of the name) are before the
     *     position
     * @param begin the first offset to look at
     * @param end exclusive, at most the last stable offset
     */
    PositionSearch(Uuid clusterId, Optional<Uuid> topicId, long position, long begin, long end) {
        this.clusterId = clusterId;
        this.topicId = topicId;
        this.position = position;
        this.low = begin;
        this.high = end;
        this.end = end;
        // Most positions are near the tail.
        this.probed = Math.max(begin, end - STRETCH);
        this.reading = probed == begin;
    }

    /** Where to look next. */
    Range probe() {
        return new Range(probed, high);
    }

    /** Of the records of the probe, in order: whether this is the one to stop at. */
    boolean wants(ConsumerRecord<byte[], byte[]> record) {
        // Read in any case, so that a stamp that cannot be read fails where its place is known.
        boolean reaches = isReachedBy(record);
        return !reading || reaches;
    }

    private boolean isReachedBy(ConsumerRecord<byte[], byte[]> record) {
        return ProvenanceStamp.of(record.headers())
                .filter(stamp -> stamp.clusterId().equals(clusterId))
                .map(stamp -> stamp.offset() >= position
                        && topicId.map(stamp.topicId()::equals).orElse(true))
                .orElse(true);
    }

    /** @param met the first wanted record of the probe, if it has one */
    boolean isDoneAfter(Optional<ConsumerRecord<byte[], byte[]>> met) {
        if (reading) {
            met.ifPresent(record -> {
                high = record.offset();
                reached = true;
            });
            low = high;
            return true;
        }
        if (met.isEmpty()) {
            high = probed;
        } else if (isReachedBy(met.get())) {
            high = probed;
            reached = true;
        } else {
            low = met.get().offset() + 1;
        }
        reading = high - low <= STRETCH;
        probed = reading ? low : (low + high) >>> 1;
        return low >= high;
    }

    Translation translation() {
        return reached ? new Translation(high, false) : new Translation(end, true);
    }
}
