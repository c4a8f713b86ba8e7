package io.breakwater.controller.runbook.steps;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.ConnectorName;
import io.breakwater.platform.Json;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.Segment;
import io.breakwater.region.ConnectRest;
import io.breakwater.region.MirrorTail;
import io.breakwater.region.RegionClients;
import io.breakwater.region.RestAnswer;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.common.Uuid;

/**
 * Sets where MirrorMaker's source connector of a flow goes on: behind the last record that the flow's open segment has
 * on the target, else where the segment begins. Because that is read from the target while the connector has no tasks,
 * it is right the first time and again after a failure at any point.
 *
 * <p>Form of the offsets: MirrorMaker's {@code MirrorUtils} (Kafka 4.3), partition {@code cluster, topic, partition} and
 * the offset of the last record that was read; our connector takes -1 for none, and reads from the beginning. Set by
 * Connect's {@code PATCH /connectors/{name}/offsets} (KIP-875).
 */
public final class FlowOffsets {

    private static final String STOPPED = "STOPPED";
    private static final Duration STOP_LIMIT = Duration.ofSeconds(30);
    private static final long LOOK_MILLIS = 250;

    private final RegionClients clients;
    private final String group;

    public FlowOffsets(RegionClients clients, String group) {
        this.clients = clients;
        this.group = group;
    }

    /**
     * Stops the connector, sets its offsets and reads them back. It stays stopped.
     *
     * @param running the flow's open segment
     * @return why it is not done; empty if it is
     * @throws org.apache.kafka.common.KafkaException if the target does not answer
     */
    public Optional<String> set(Segment running) throws InterruptedException {
        if (!running.open() || running.sourceClusterId().isEmpty()) {
            throw new IllegalStateException("offsets of " + running.flow()
                    + " are set from an open segment of a known source, not from " + running);
        }
        String connector = new ConnectorName(group, AssetSpec.KAFKA_TOPIC, running.flow()).toString();
        ConnectRest connect = clients.connect(running.flow().to());
        Optional<String> notStopped = stop(connect, connector);
        if (notStopped.isPresent()) {
            return notStopped;
        }
        SortedMap<PartitionKey, Long> next = next(running);
        if (next.isEmpty()) {
            return Optional.empty();
        }
        RestAnswer<JsonNode> patched =
                connect.patchOffsets(connector, body(running.flow().from(), next));
        if (patched.ifOk().isEmpty()) {
            return Optional.of("offsets of " + connector + " are not set: " + patched);
        }
        RestAnswer<JsonNode> read = connect.offsets(connector);
        return read.ifOk()
                .map(offsets -> differing(connector, next, offsets))
                .orElseGet(() -> Optional.of("offsets of " + connector + " cannot be read back: " + read));
    }

    private static Optional<String> stop(ConnectRest connect, String connector) throws InterruptedException {
        RestAnswer<JsonNode> stopped = connect.stop(connector);
        if (stopped.ifOk().isEmpty()) {
            return Optional.of("connector " + connector + " does not stop: " + stopped);
        }
        long began = System.nanoTime();
        RestAnswer<ConnectRest.Status> status = connect.status(connector);
        while (status.ifOk()
                .filter(s -> s.state().equals(STOPPED) && s.tasks().isEmpty())
                .isEmpty()) {
            if (System.nanoTime() - began > STOP_LIMIT.toNanos()) {
                return Optional.of("connector " + connector + " has not stopped in " + STOP_LIMIT + ": "
                        + status.ifOk().map(ConnectRest.Status::toString).orElse(status.toString()));
            }
            Thread.sleep(LOOK_MILLIS);
            status = connect.status(connector);
        }
        return Optional.empty();
    }

    /** The next source offset to carry, by partition. */
    private SortedMap<PartitionKey, Long> next(Segment running) {
        SortedMap<PartitionKey, Long> next = new TreeMap<>();
        SortedMap<PartitionKey, Long> targetBegins = new TreeMap<>();
        running.partitions().forEach((partition, range) -> {
            next.put(partition, range.sourceFrom());
            targetBegins.put(partition, range.targetFrom());
        });
        Uuid source = Uuid.fromString(running.sourceClusterId().orElseThrow());
        try (MirrorTail tail = new MirrorTail(clients.kafka(running.flow().to()))) {
            tail.read(source, next.keySet(), targetBegins)
                    .forEach((partition, end) -> next.merge(partition, end.sourceEnd(), Math::max));
        }
        return next;
    }

    private static ObjectNode body(String cluster, SortedMap<PartitionKey, Long> next) {
        ObjectNode body = Json.MAPPER.createObjectNode();
        ArrayNode offsets = body.putArray("offsets");
        next.forEach((partition, offset) -> {
            ObjectNode one = offsets.addObject();
            one.putObject("partition")
                    .put("cluster", cluster)
                    .put("partition", partition.partition())
                    .put("topic", partition.topic());
            // -1 if nothing was mirrored yet: then it begins at the beginning, whatever else the copy has.
            one.putObject("offset").put("offset", offset - 1);
        });
        return body;
    }

    private static Optional<String> differing(String connector, SortedMap<PartitionKey, Long> next, JsonNode offsets) {
        SortedMap<PartitionKey, Long> found = new TreeMap<>();
        next.keySet().forEach(partition -> found.put(partition, 0L));
        offsets.path("offsets").forEach(one -> {
            JsonNode at = one.path("partition");
            PartitionKey partition = new PartitionKey(
                    at.path("topic").asText(), at.path("partition").asInt());
            if (next.containsKey(partition)) {
                found.put(partition, one.path("offset").path("offset").asLong(-1) + 1);
            }
        });
        return next.keySet().stream()
                .filter(partition -> !Objects.equals(found.get(partition), next.get(partition)))
                .findFirst()
                .map(partition -> "connector " + connector + " goes on at " + found.get(partition) + " of " + partition
                        + " although it was set to " + next.get(partition));
    }
}
