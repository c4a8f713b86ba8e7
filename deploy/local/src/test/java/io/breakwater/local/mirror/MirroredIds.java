package io.breakwater.local.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.platform.PartitionKey;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Where each record on the standby was on the source, by its id: what its stamp says is only held against that. */
final class MirroredIds {

    /** How many visible records a position is off. */
    record Off(long reread, long skipped) {}

    private record Copy(long sourceOffset, long offset) {}

    private final Map<PartitionKey, List<Copy>> copies = new HashMap<>();

    /**
     * @param acknowledged source offsets by id, as the producers were told
     * @param originals for records whose acknowledgement was lost
     */
    MirroredIds(Map<String, Long> acknowledged, LinearScan originals, LinearScan mirrored) {
        Map<String, Long> known = new HashMap<>();
        originals
                .records()
                .values()
                .forEach(records -> records.forEach(record -> known.put(id(record), record.offset())));
        known.putAll(acknowledged);
        Set<String> ids = new HashSet<>();
        mirrored.records().forEach((partition, records) -> {
            List<Copy> list = new ArrayList<>();
            for (ConsumerRecord<byte[], byte[]> record : records) {
                String id = id(record);
                assertThat(ids.add(id)).as(id + " is there once").isTrue();
                Long source = known.get(id);
                assertThat(source).as("source offset of " + id).isEqualTo(LinearScan.stamp(record));
                list.add(new Copy(LinearScan.stamp(record), record.offset()));
            }
            copies.put(partition, list);
        });
    }

    /** @param position on the standby, of a group that stood at {@code sourcePosition} */
    Off off(PartitionKey partition, long sourcePosition, long position) {
        List<Copy> all = copies.getOrDefault(partition, List.of());
        return new Off(
                all.stream()
                        .filter(copy -> copy.sourceOffset() < sourcePosition && copy.offset() >= position)
                        .count(),
                all.stream()
                        .filter(copy -> copy.sourceOffset() >= sourcePosition && copy.offset() < position)
                        .count());
    }

    private static String id(ConsumerRecord<byte[], byte[]> record) {
        return new String(record.headers().lastHeader(MixedTraffic.ID).value(), StandardCharsets.UTF_8);
    }
}
