package io.breakwater.replicator.kafka;

import io.breakwater.region.ProvenanceStamp;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.header.Headers;

/** The {@link ProvenanceStamp} as a header of Connect's. */
public final class StampHeader {

    private StampHeader() {}

    /** Puts a stamp on a record; an older one is replaced. */
    public static void put(Headers headers, ProvenanceStamp stamp) {
        headers.remove(ProvenanceStamp.HEADER);
        headers.add(ProvenanceStamp.HEADER, stamp.toBytes(), Schema.BYTES_SCHEMA);
    }
}
