package io.breakwater.replicator.receipts;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.platform.AssetId;
import io.breakwater.platform.Flow;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.Receipt;
import io.breakwater.platform.ReplicaPosition;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;

class ReceiptRecordsTest {

    private static final Instant NOW = Instant.parse("2026-11-22T09:00:00Z");
    private static final AssetId ASSET = AssetId.parse("kafka-topic/flights.events");
    private static final ReplicaPosition POSITION =
            ReplicaPosition.ofTopic(NOW, new OffsetVector(Map.of(new PartitionKey("flights.events", 0), 7L)));

    private final ReceiptRecords records = new ReceiptRecords("flights", new Flow("east", "west"));

    @Test
    void announcesAReceiptUnderItsKey() {
        SourceRecord record = records.announce(ASSET, POSITION, NOW);

        Receipt receipt = Receipt.fromJson((byte[]) record.value());
        assertThat(receipt).isEqualTo(new Receipt("flights", ASSET, new Flow("east", "west"), POSITION, NOW));
        assertThat(record.topic()).isEqualTo(Receipt.TOPIC);
        assertThat(record.key()).isEqualTo(receipt.key().getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void repeatsWhatHoldsBeforeAReaderMissesIt() {
        records.announce(ASSET, POSITION, NOW);

        assertThat(records.due(NOW.plusSeconds(1))).isEmpty();
        List<SourceRecord> due = records.due(NOW.plusSeconds(Receipt.REPEAT_SECONDS - 1));
        assertThat(due).hasSize(1);
        Receipt repeated = Receipt.fromJson((byte[]) due.get(0).value());
        assertThat(repeated.position()).isEqualTo(POSITION);
        assertThat(repeated.publishedAt()).isEqualTo(NOW.plusSeconds(Receipt.REPEAT_SECONDS - 1));
    }

    @Test
    void repeatsNothingThatIsGone() {
        records.announce(ASSET, POSITION, NOW);

        records.retain(List.of());

        assertThat(records.due(NOW.plusSeconds(Receipt.REPEAT_SECONDS))).isEmpty();
    }
}
