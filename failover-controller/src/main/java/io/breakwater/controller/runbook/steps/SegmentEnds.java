package io.breakwater.controller.runbook.steps;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.platform.PartitionKey;
import io.breakwater.region.MirrorTail;
import io.breakwater.verification.VerificationResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Uuid;

/** Whether the ended flow still ends where it was recorded to end: if not, something got past the fence. */
final class SegmentEnds {

    private SegmentEnds() {}

    /** @param settings of a client of the promoted region's cluster */
    static VerificationResult verify(Segments segments, Map<String, Object> settings) {
        ObjectNode figures = JsonNodeFactory.instance.objectNode();
        List<String> differences = new ArrayList<>();
        if (segments.sourceClusterId().isEmpty()) {
            return new VerificationResult.Verified(figures);
        }
        Uuid source = Uuid.fromString(segments.sourceClusterId().get());
        try (MirrorTail tail = new MirrorTail(settings)) {
            SortedMap<PartitionKey, Long> begins = new TreeMap<>();
            segments.partitions().forEach((partition, segment) -> begins.put(partition, segment.targetBegin()));
            tail.read(source, begins.keySet(), begins).forEach((partition, now) -> {
                Segments.Segment recorded =
                        Objects.requireNonNull(segments.partitions().get(partition));
                long end = Math.max(recorded.sourceBegin(), now.sourceEnd());
                figures.put(partition.toString(), end);
                if (end != recorded.sourceEnd()) {
                    differences.add(
                            partition + ": the flow's end was recorded as " + recorded.sourceEnd() + " and is " + end);
                }
            });
        } catch (KafkaException e) {
            return new VerificationResult.Unverifiable("ends of segments: Kafka did not answer: " + e.getMessage());
        }
        return differences.isEmpty()
                ? new VerificationResult.Verified(figures)
                : new VerificationResult.Mismatch(differences);
    }
}
