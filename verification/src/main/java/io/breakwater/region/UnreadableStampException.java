package io.breakwater.region;

import io.breakwater.platform.PartitionKey;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/**
 * A record carries a header {@link ProvenanceStamp#HEADER} that this release cannot read. Nothing may be guessed about
 * such a record: whoever meets it stops at its partition and says where it is.
 */
public final class UnreadableStampException extends KafkaException {

    private static final long serialVersionUID = 1L;

    private final transient @Nullable PartitionKey partition;

    UnreadableStampException(String message) {
        super(message);
        this.partition = null;
    }

    private UnreadableStampException(String message, PartitionKey partition, UnreadableStampException cause) {
        super(message, cause);
        this.partition = partition;
    }

    /** Where the record is, once that is known. */
    public Optional<PartitionKey> partition() {
        return Optional.ofNullable(partition);
    }

    /** @param cluster where the record is, as people call it: its bootstrap servers */
    public UnreadableStampException at(String cluster, ConsumerRecord<?, ?> record) {
        return new UnreadableStampException(
                "cluster " + cluster + ", topic " + record.topic() + ", partition " + record.partition() + ", offset "
                        + record.offset() + ": " + getMessage(),
                new PartitionKey(record.topic(), record.partition()),
                this);
    }
}
