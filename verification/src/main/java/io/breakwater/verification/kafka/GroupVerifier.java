package io.breakwater.verification.kafka;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.PartitionKey;
import io.breakwater.region.KafkaAnswer;
import io.breakwater.verification.AssetVerifier;
import io.breakwater.verification.VerificationRequest;
import io.breakwater.verification.VerificationResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;

/**
 * Whether a group has, on the replica, a position within the log for each partition that it had one for on the source.
 * That the position is the right one can be told only while nobody consumes; a group that goes on moves it.
 */
public final class GroupVerifier implements AssetVerifier {

    @Override
    public String kind() {
        return AssetSpec.CONSUMER_GROUP;
    }

    @Override
    public VerificationResult verify(VerificationRequest request) throws InterruptedException {
        String region = request.flow().to();
        String group = request.asset().name();
        ObjectNode figures = JsonNodeFactory.instance.objectNode();
        List<String> differences = new ArrayList<>();
        try (PartitionScan replica = new PartitionScan(request.clients().kafka(region))) {
            Map<TopicPartition, OffsetAndMetadata> positions = KafkaAnswer.await(
                    request.clients()
                            .admin(region)
                            .listConsumerGroupOffsets(group)
                            .partitionsToOffsetAndMetadata(),
                    "positions of group " + group);
            for (PartitionKey partition : request.position().committed().ends().keySet()) {
                Optional<PartitionScan.Extent> extent = replica.extent(partition);
                OffsetAndMetadata position =
                        positions.get(new TopicPartition(partition.topic(), partition.partition()));
                if (extent.isEmpty()) {
                    differences.add(partition + ": the replica has no such partition");
                } else if (position == null) {
                    differences.add(partition + ": group " + group + " has no position");
                } else if (position.offset() < extent.get().begin()
                        || position.offset() > extent.get().end()) {
                    differences.add(partition + ": position " + position.offset() + " is outside of the log, "
                            + extent.get().begin() + " to " + extent.get().end());
                } else {
                    figures.put(partition.toString(), position.offset());
                }
            }
        } catch (InterruptException e) {
            InterruptedException interrupted = new InterruptedException(e.getMessage());
            interrupted.initCause(e);
            throw interrupted;
        } catch (KafkaException e) {
            return new VerificationResult.Unverifiable(
                    request.asset() + " of " + request.flow() + ": Kafka did not answer: " + e.getMessage());
        }
        return differences.isEmpty()
                ? new VerificationResult.Verified(figures)
                : new VerificationResult.Mismatch(differences);
    }
}
