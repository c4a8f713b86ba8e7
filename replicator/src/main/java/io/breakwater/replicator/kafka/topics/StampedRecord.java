package io.breakwater.replicator.kafka.topics;

import io.breakwater.region.ProvenanceStamp;
import io.breakwater.replicator.kafka.StampHeader;
import java.util.Map;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * A record of MirrorMaker's with its stamp, and with a source offset that names the topic's incarnation.
 *
 * <p>It equals only itself: an offset comes once. Connect keeps the records of a transaction in a hash table, and
 * comparing and hashing all their contents, as other records do, costs as much as stamping them.
 */
final class StampedRecord extends SourceRecord {

    private final int hash;
    private final boolean isLandmark;

    /**
     * @param record whose headers are taken over
     * @param partition as in the record; one for many records spares memory
     * @param offset on the source, as Connect keeps it
     * @param isLandmark whether MirrorMaker is to know where it was written
     */
    StampedRecord(
            SourceRecord record,
            Map<String, ?> partition,
            Map<String, ?> offset,
            ProvenanceStamp stamp,
            boolean isLandmark) {
        super(
                partition,
                offset,
                record.topic(),
                record.kafkaPartition(),
                record.keySchema(),
                record.key(),
                record.valueSchema(),
                record.value(),
                record.timestamp(),
                record.headers());
        this.isLandmark = isLandmark;
        hash = 31 * Long.hashCode(stamp.offset()) + stamp.partition();
        StampHeader.put(headers(), stamp);
    }

    /** Whether MirrorMaker is to know where it was written. */
    boolean isLandmark() {
        return isLandmark;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
