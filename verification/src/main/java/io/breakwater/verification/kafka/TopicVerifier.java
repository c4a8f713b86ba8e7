package io.breakwater.verification.kafka;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.Flow;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.SegmentHistory;
import io.breakwater.region.KafkaAnswer;
import io.breakwater.region.ProvenanceStamp;
import io.breakwater.region.PublishedSegments;
import io.breakwater.verification.AssetVerifier;
import io.breakwater.verification.VerificationRequest;
import io.breakwater.verification.VerificationResult;
import io.breakwater.verification.kafka.MirroredRanges.Compared;
import io.breakwater.verification.kafka.MirroredRanges.Side;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InterruptException;

/**
 * Reads a mirrored topic record by record. With the source: each partition has the same records below the claimed
 * position, by digests over stretches of source offsets; records that the source no longer keeps are left out. After a
 * move that is so within each range that the flow carried, and what the source had once got from the replica must be
 * there as the original ({@link MirroredRanges}); orphan tails between the ranges are the loss ledger's. Without
 * it: each partition is there, and its newest stamps grow, so that nothing of the tail was written twice or out of
 * order.
 */
public final class TopicVerifier implements AssetVerifier {

    /** Without the source, how many offsets before the end are read: what a failover can wait for. */
    private static final long TAIL = 50_000;

    private static final int MAX_DIFFERENCES = 20;

    @Override
    public String kind() {
        return AssetSpec.KAFKA_TOPIC;
    }

    @Override
    public VerificationResult verify(VerificationRequest request) throws InterruptedException {
        try {
            return request.compareSource() ? againstSource(request) : byItself(request);
        } catch (InterruptException e) {
            throw interrupted(e);
        } catch (KafkaException e) {
            return new VerificationResult.Unverifiable(
                    request.asset() + " of " + request.flow() + ": Kafka did not answer: " + e.getMessage());
        }
    }

    private static InterruptedException interrupted(InterruptException e) {
        InterruptedException interrupted = new InterruptedException(e.getMessage());
        interrupted.initCause(e);
        return interrupted;
    }

    private static VerificationResult againstSource(VerificationRequest request) throws InterruptedException {
        Flow flow = request.flow();
        Uuid sourceId = clusterId(request, flow.from());
        Uuid replicaId = clusterId(request, flow.to());
        PublishedSegments segments = PublishedSegments.read(
                request.clients().kafka(flow.to()),
                Optional.of(request.clients().kafka(flow.from())),
                sourceId);
        Findings findings = new Findings();
        try (PartitionScan source = new PartitionScan(request.clients().kafka(flow.from()));
                PartitionScan replica = new PartitionScan(request.clients().kafka(flow.to()))) {
            for (PartitionKey partition : request.position().through().ends().keySet()) {
                Optional<PartitionScan.Extent> there = source.extent(partition);
                Optional<PartitionScan.Extent> here = replica.extent(partition);
                if (there.isEmpty() || here.isEmpty()) {
                    findings.differs(
                            partition, (there.isEmpty() ? "the source" : "the replica") + " has no such partition");
                    continue;
                }
                SegmentHistory history = segments.of(partition.topic())
                        .filter(way -> way.flow().equals(flow))
                        .map(PublishedSegments.Way::history)
                        .orElse(SegmentHistory.NONE);
                MirroredRanges ranges = new MirroredRanges(
                        partition,
                        history,
                        flow,
                        new Side(source, there.get(), sourceId),
                        new Side(replica, here.get(), replicaId));
                long through = request.position().through().end(partition).orElseThrow();
                Compared carried = ranges.carried(through);
                differences(partition, carried, "source", findings);
                findings.compared(partition, carried.copies());
                Compared brought = ranges.brought();
                differences(partition, brought, "replica", findings);
                findings.brought(partition, brought.copies());
            }
        }
        return findings.result();
    }

    private static Uuid clusterId(VerificationRequest request, String region) throws InterruptedException {
        return Uuid.fromString(KafkaAnswer.await(
                request.clients().admin(region).describeCluster().clusterId(), "cluster id of " + region));
    }

    /** @param writer of the originals, whose offsets the stretches are of */
    private static void differences(PartitionKey partition, Compared compared, String writer, Findings findings) {
        findings.disorder(partition, compared.copies());
        for (long stretch : compared.originals().differing(compared.copies())) {
            findings.differs(
                    partition,
                    writer + " offsets " + stretch + " to " + (stretch + RecordDigests.STRETCH - 1)
                            + " have other records; "
                            + compared.originals().records() + " on the " + writer + " up to "
                            + compared.originals().last() + ", "
                            + compared.copies().records() + " copies");
        }
    }

    private static VerificationResult byItself(VerificationRequest request) {
        Findings findings = new Findings();
        try (PartitionScan replica =
                new PartitionScan(request.clients().kafka(request.flow().to()))) {
            for (PartitionKey partition : request.position().through().ends().keySet()) {
                Optional<PartitionScan.Extent> extent = replica.extent(partition);
                if (extent.isEmpty()) {
                    findings.differs(partition, "the replica has no such partition");
                } else {
                    tail(replica, partition, extent.get(), findings);
                }
            }
        }
        return findings.result();
    }

    private static void tail(
            PartitionScan replica, PartitionKey partition, PartitionScan.Extent extent, Findings findings) {
        // A topic that was made anew begins at 0 again, and so do the stamps of its records.
        Map<List<Uuid>, RecordDigests> byTopic = new LinkedHashMap<>();
        long from = Math.max(extent.begin(), extent.end() - TAIL);
        replica.read(
                partition,
                from,
                extent.end(),
                record -> ProvenanceStamp.of(record.headers())
                        .ifPresent(stamp -> byTopic.computeIfAbsent(
                                        List.of(stamp.clusterId(), stamp.topicId()), id -> new RecordDigests())
                                .add(stamp.offset(), record)));
        byTopic.forEach((topic, digests) -> {
            findings.disorder(partition, digests);
            findings.compared(partition, digests);
        });
    }

    /** What was seen, by partition. */
    private static final class Findings {

        private final ObjectNode figures = JsonNodeFactory.instance.objectNode();
        private final List<String> differences = new ArrayList<>();

        void compared(PartitionKey partition, RecordDigests digests) {
            figures.putObject(partition.toString())
                    .put("records", digests.records())
                    .put("lastSourceOffset", digests.last())
                    .put("sha256", digests.whole());
        }

        /** Nothing, if there was no move. */
        void brought(PartitionKey partition, RecordDigests digests) {
            if (digests.records() > 0) {
                figures.withObjectProperty(partition.toString()).put("broughtFromReplica", digests.records());
            }
        }

        void differs(PartitionKey partition, String what) {
            if (differences.size() < MAX_DIFFERENCES) {
                differences.add(partition + ": " + what);
            } else if (differences.size() == MAX_DIFFERENCES) {
                differences.add("and more");
            }
        }

        void disorder(PartitionKey partition, RecordDigests digests) {
            digests.disorder().forEach(what -> differs(partition, "twice or out of order: " + what));
        }

        VerificationResult result() {
            return differences.isEmpty()
                    ? new VerificationResult.Verified(figures)
                    : new VerificationResult.Mismatch(differences);
        }
    }
}
