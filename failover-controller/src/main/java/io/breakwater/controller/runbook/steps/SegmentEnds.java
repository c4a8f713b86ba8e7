package io.breakwater.controller.runbook.steps;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.region.MirrorTail;
import io.breakwater.verification.VerificationResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
            tail.read(source, segments.partitions().keySet()).forEach((partition, now) -> {
                long recorded = segments.sourceEnd(partition);
                figures.put(partition.toString(), now.sourceEnd());
                if (now.sourceEnd() != recorded) {
                    differences.add(
                            partition + ": the flow's end was recorded as " + recorded + " and is " + now.sourceEnd());
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
