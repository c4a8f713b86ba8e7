package io.breakwater.region;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;

/**
 * A record carries a header {@link ProvenanceStamp#HEADER} that this release cannot read. Nothing may be guessed about
 * such a record: whoever meets it stops at its partition and says where it is.
 */
public final class UnreadableStampException extends KafkaException {

    private static final long serialVersionUID = 1L;

    UnreadableStampException(String message) {
        super(message);
    }

    private UnreadableStampException(String message, UnreadableStampException cause) {
        super(message, cause);
    }

    /** @param cluster where the record is, as people call it: its bootstrap servers */
    public UnreadableStampException at(String cluster, ConsumerRecord<?, ?> record) {
        return new UnreadableStampException(
                "cluster " + cluster + ", topic " + record.topic() + ", partition " + record.partition() + ", offset "
                        + record.offset() + ": " + getMessage(),
                this);
    }
}
