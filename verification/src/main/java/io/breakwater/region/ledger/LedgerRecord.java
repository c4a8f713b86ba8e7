package io.breakwater.region.ledger;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.breakwater.platform.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.record.TimestampType;

/**
 * One record that did not arrive: a line of a ledger's file. Bytes are written in base64; {@code null} is null, and an
 * empty text is no bytes.
 *
 * @param offset on the source
 * @param timestamp milliseconds since 1970
 * @param headers in their order
 */
public record LedgerRecord(
        String topic,
        int partition,
        long offset,
        long timestamp,
        TimestampType timestampType,
        Optional<byte[]> key,
        Optional<byte[]> value,
        List<Header> headers) {

    public record Header(String key, Optional<byte[]> value) {}

    public LedgerRecord {
        headers = List.copyOf(headers);
    }

    static LedgerRecord of(ConsumerRecord<byte[], byte[]> record) {
        List<Header> headers = new ArrayList<>();
        record.headers().forEach(h -> headers.add(new Header(h.key(), Optional.ofNullable(h.value()))));
        return new LedgerRecord(
                record.topic(),
                record.partition(),
                record.offset(),
                record.timestamp(),
                record.timestampType(),
                Optional.ofNullable(record.key()),
                Optional.ofNullable(record.value()),
                headers);
    }

    byte[] toLine() {
        try {
            return Json.MAPPER.writeValueAsBytes(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a record of bytes can always be written", e);
        }
    }

    /** @throws JsonProcessingException if it is no such line */
    static LedgerRecord fromLine(String line) throws JsonProcessingException {
        return Json.MAPPER.readValue(line, LedgerRecord.class);
    }
}
