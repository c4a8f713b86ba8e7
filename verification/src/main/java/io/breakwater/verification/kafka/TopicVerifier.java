package io.breakwater.verification.kafka;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.PartitionKey;
import io.breakwater.region.KafkaAnswer;
import io.breakwater.region.ProvenanceStamp;
import io.breakwater.verification.AssetVerifier;
import io.breakwater.verification.VerificationRequest;
import io.breakwater.verification.VerificationResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InterruptException;

/**
 * Reads a mirrored topic record by record. With the source: each partition has the same records below the claimed
 * position, by digests over stretches of source offsets; records that the source no longer keeps are left out. Without
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
        String from = request.flow().from();
        Uuid sourceId = Uuid.fromString(KafkaAnswer.await(
                request.clients().admin(from).describeCluster().clusterId(), "cluster id of " + from));
        Findings findings = new Findings();
        try (PartitionScan source = new PartitionScan(request.clients().kafka(from));
                PartitionScan replica =
                        new PartitionScan(request.clients().kafka(request.flow().to()))) {
            for (PartitionKey partition : request.position().through().ends().keySet()) {
                long through = request.position().through().end(partition).orElseThrow();
                compare(source, replica, sourceId, partition, through, findings);
            }
        }
        return findings.result();
    }

    private static void compare(
            PartitionScan source,
            PartitionScan replica,
            Uuid sourceId,
            PartitionKey partition,
            long through,
            Findings findings) {
        Optional<PartitionScan.Extent> there = source.extent(partition);
        Optional<PartitionScan.Extent> here = replica.extent(partition);
        if (there.isEmpty() || here.isEmpty()) {
            findings.differs(partition, (there.isEmpty() ? "the source" : "the replica") + " has no such partition");
            return;
        }
        long begin = there.get().begin();
        long end = Math.min(through, there.get().end());
        RecordDigests expected = new RecordDigests();
        source.read(partition, begin, end, record -> expected.add(record.offset(), record));
        RecordDigests found = new RecordDigests();
        replica.read(
                partition,
                here.get().begin(),
                here.get().end(),
                record -> stamp(record, sourceId)
                        .filter(offset -> offset >= begin && offset < end)
                        .ifPresent(offset -> found.add(offset, record)));
        findings.disorder(partition, found);
        for (long stretch : expected.differing(found)) {
            findings.differs(
                    partition,
                    "source offsets " + Math.max(stretch, begin) + " to "
                            + (Math.min(stretch + RecordDigests.STRETCH, end) - 1) + " have other records; "
                            + expected.records() + " on the source below " + end + ", " + found.records()
                            + " on the replica");
        }
        findings.compared(partition, found);
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
        Map<Uuid, RecordDigests> byCluster = new LinkedHashMap<>();
        long from = Math.max(extent.begin(), extent.end() - TAIL);
        replica.read(
                partition,
                from,
                extent.end(),
                record -> ProvenanceStamp.of(record.headers())
                        .ifPresent(stamp -> byCluster
                                .computeIfAbsent(stamp.clusterId(), id -> new RecordDigests())
                                .add(stamp.offset(), record)));
        byCluster.forEach((cluster, digests) -> {
            findings.disorder(partition, digests);
            findings.compared(partition, digests);
        });
    }

    private static Optional<Long> stamp(ConsumerRecord<byte[], byte[]> record, Uuid clusterId) {
        return ProvenanceStamp.of(record.headers())
                .filter(stamp -> stamp.clusterId().equals(clusterId))
                .map(ProvenanceStamp::offset);
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
