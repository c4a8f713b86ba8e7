package io.breakwater.region;

import io.breakwater.platform.PartitionKey;
import io.breakwater.region.VisibleRecords.Range;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.protocol.types.Field;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.SchemaException;
import org.apache.kafka.common.protocol.types.Struct;
import org.apache.kafka.common.protocol.types.Type;

/**
 * MirrorMaker's own record of which source offset it wrote at which target offset, kept now and then. It is all that is
 * known of records from before the stamp was switched on. Lies in {@code mm2-offset-syncs.<source alias>.internal} of
 * the target, if {@code offset-syncs.topic.location=target}; the format is that of
 * {@code org.apache.kafka.connect.mirror.OffsetSync}: the key holds topic and partition, the value two offsets. A mirror
 * of the other direction with the default location writes under the same name; its syncs must not be there.
 *
 * <p>The topic is read once and then only what is new. Bounded by {@link #KEPT} syncs a partition; of more, every second
 * one is dropped, which only makes answers earlier. Not thread-safe, as its {@link VisibleRecords}.
 */
final class OffsetSyncs {

    static final int KEPT = 4_096;

    private static final Schema KEY = new Schema(new Field("topic", Type.STRING), new Field("partition", Type.INT32));
    private static final Schema VALUE =
            new Schema(new Field("upstreamOffset", Type.INT64), new Field("offset", Type.INT64));

    private final VisibleRecords target;
    private final PartitionKey topic;
    private final Known known = new Known();
    private long readTo;
    private boolean forbidden;

    /** @param target stays the caller's to close */
    OffsetSyncs(VisibleRecords target, String sourceAlias) {
        this.target = target;
        this.topic = new PartitionKey("mm2-offset-syncs." + sourceAlias + ".internal", 0);
    }

    /**
     * A target offset that no record at or past the source position is before.
     *
     * @return empty if no sync is before the position
     * @throws org.apache.kafka.common.KafkaException if the target does not answer
     */
    OptionalLong notAfter(PartitionKey partition, long sourcePosition) {
        read();
        return known.notAfter(partition, sourcePosition);
    }

    private void read() {
        if (forbidden) {
            return;
        }
        try {
            readNews();
        } catch (TopicAuthorizationException e) {
            // Without syncs answers are earlier, not wrong.
            forbidden = true;
        }
    }

    private void readNews() {
        Map<TopicPartition, Range> news = new HashMap<>();
        target.extents(target.present(Set.of(topic)))
                .forEach((partition, extent) ->
                        news.put(partition, new Range(Math.max(readTo, extent.from()), extent.to())));
        target.first(news, (partition, record) -> {
            known.add(record);
            return false;
        });
        news.values().forEach(range -> readTo = Math.max(readTo, range.to()));
    }

    /** Syncs by partition, source offset to target offset. */
    static final class Known {

        private final Map<PartitionKey, NavigableMap<Long, Long>> syncs = new HashMap<>();

        OptionalLong notAfter(PartitionKey partition, long sourcePosition) {
            Map.Entry<Long, Long> sync =
                    syncs.getOrDefault(partition, new TreeMap<>()).floorEntry(sourcePosition);
            if (sync == null) {
                return OptionalLong.empty();
            }
            return OptionalLong.of(sync.getKey() == sourcePosition ? sync.getValue() : sync.getValue() + 1);
        }

        int size() {
            return syncs.values().stream().mapToInt(Map::size).sum();
        }

        void add(ConsumerRecord<byte[], byte[]> record) {
            if (record.key() == null || record.value() == null) {
                return;
            }
            PartitionKey partition;
            long upstream;
            long downstream;
            try {
                Struct key = KEY.read(ByteBuffer.wrap(record.key()));
                Struct value = VALUE.read(ByteBuffer.wrap(record.value()));
                partition = new PartitionKey(key.getString("topic"), key.getInt("partition"));
                upstream = value.getLong("upstreamOffset");
                downstream = value.getLong("offset");
            } catch (SchemaException e) {
                throw new SchemaException("no offset sync of MirrorMaker: " + record.topic() + " at offset "
                        + record.offset() + ": " + e.getMessage());
            }
            NavigableMap<Long, Long> own = syncs.computeIfAbsent(partition, p -> new TreeMap<>());
            // Offsets that go back are of a topic made anew, on either side; what was known is not about it.
            if (!own.isEmpty()
                    && (upstream < own.lastKey() || downstream < own.lastEntry().getValue())) {
                own.clear();
            }
            own.put(upstream, downstream);
            if (own.size() > KEPT) {
                boolean[] odd = {false};
                own.keySet().removeIf(offset -> odd[0] = !odd[0]);
            }
        }
    }
}
