package io.breakwater.controller.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.controller.core.ControlState;
import io.breakwater.controller.core.GroupState;
import io.breakwater.controller.core.Operation;
import io.breakwater.platform.Flow;
import io.breakwater.platform.Json;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.region.PositionTranslator.Translation;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Translates positions on request, on threads of its own, because that reads clusters. A few requests run and a few
 * wait; one more is refused. Thread-safe.
 */
final class PositionRequests implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(PositionRequests.class);

    private final ClientPositions positions;
    private final ThreadPoolExecutor threads = RequestThreads.named("positions");

    PositionRequests(ClientPositions positions) {
        this.positions = positions;
    }

    /**
     * @param name of the protection group
     * @param body as the contract has it, already checked
     */
    CompletionStage<ObjectNode> translate(String name, ControlState state, GroupState group, JsonObject body) {
        String from = from(name, state, group, Optional.ofNullable(body.getString("from")));
        OffsetVector wanted = wanted(body.getJsonArray("positions"));
        if (isMoving(state, group)) {
            // The mirror may still write there, and an answer would be too early.
            throw new ProblemException(Problem.of(
                    Problem.Kind.REFUSED, "group " + name + " is moving: ask again once a region serves it"));
        }
        if (from.equals(group.active())) {
            SortedMap<PartitionKey, Translation> same = new TreeMap<>();
            wanted.ends().forEach((partition, offset) -> same.put(partition, new Translation(offset, false)));
            return CompletableFuture.completedFuture(answer(name, from, group, wanted, same));
        }
        Flow flow = new Flow(from, group.active());
        try {
            return CompletableFuture.supplyAsync(
                    () -> answer(name, from, group, wanted, read(flow, group, wanted)), threads);
        } catch (RejectedExecutionException e) {
            throw new ProblemException(Problem.of(
                    Problem.Kind.BUSY, "this node is translating for others: ask again in a second, or another node"));
        }
    }

    private SortedMap<PartitionKey, Translation> read(Flow flow, GroupState group, OffsetVector wanted) {
        try {
            return positions.translate(flow, group, wanted);
        } catch (KafkaException e) {
            LOG.warn("translation of positions failed: region={} flow={} cause={}", flow.to(), flow, e.toString());
            throw new ProblemException(Problem.of(
                    Problem.Kind.REGION_UNREACHABLE,
                    "the Kafka cluster of region " + flow.to() + " did not give the answer; the cause is in this"
                            + " node's log; ask again"));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ProblemException(Problem.of(Problem.Kind.UNAVAILABLE, "this node is ending; ask another node"));
        }
    }

    private static String from(String name, ControlState state, GroupState group, Optional<String> said) {
        if (said.isPresent()
                && !said.get().equals(group.active())
                && !said.get().equals(group.standby())) {
            throw new ProblemException(new Problem(
                    Problem.Kind.INVALID_REQUEST,
                    "the group is not in region '" + said.get() + "'",
                    List.of(new Problem.Fault("/from", "expected " + group.active() + " or " + group.standby())),
                    List.of()));
        }
        return said.orElseGet(() -> left(name, state, group).orElse(group.active()));
    }

    /** From the begin of an operation that moves the group until the new region is opened for the group's own jobs. */
    private static boolean isMoving(ControlState state, GroupState group) {
        return group.operation()
                .flatMap(state::operation)
                .filter(operation -> !operation.kind().equals(Operation.LEDGER)
                        && (operation.pointOfNoReturnAt().isEmpty()
                                || !group.gates().pipeline()))
                .isPresent();
    }

    /** The region that the group was in before it came to the active one. */
    private static Optional<String> left(String name, ControlState state, GroupState group) {
        return state.operations().stream()
                .filter(operation -> operation.group().equals(name)
                        && operation.pointOfNoReturnAt().isPresent()
                        && operation.flow().to().equals(group.active()))
                .map(operation -> operation.flow().from())
                .findFirst();
    }

    private static OffsetVector wanted(JsonArray array) {
        SortedMap<PartitionKey, Long> wanted = new TreeMap<>();
        for (int i = 0; i < array.size(); i++) {
            JsonObject position = array.getJsonObject(i);
            PartitionKey key = new PartitionKey(position.getString("topic"), position.getInteger("partition"));
            if (wanted.put(key, position.getLong("offset")) != null) {
                throw new ProblemException(new Problem(
                        Problem.Kind.INVALID_REQUEST,
                        "a partition has one position",
                        List.of(new Problem.Fault("/positions/" + i, "a second position on " + key)),
                        List.of()));
            }
        }
        return new OffsetVector(wanted);
    }

    private static ObjectNode answer(
            String name,
            String from,
            GroupState group,
            OffsetVector wanted,
            SortedMap<PartitionKey, Translation> translations) {
        ObjectNode answer = Json.MAPPER
                .createObjectNode()
                .put("group", name)
                .put("from", from)
                .put("region", group.active())
                .put("epoch", group.epoch().number());
        ArrayNode array = answer.putArray("positions");
        wanted.ends().forEach((partition, offset) -> {
            ObjectNode position = array.addObject()
                    .put("topic", partition.topic())
                    .put("partition", partition.partition())
                    .put("offset", offset);
            Translation found = translations.get(partition);
            if (found == null) {
                position.putNull("targetOffset").put("how", "untranslatable");
            } else {
                position.put("targetOffset", found.offset()).put("how", how(found));
            }
        });
        return answer;
    }

    private static String how(Translation found) {
        if (!found.exact()) {
            return "early";
        }
        return found.pastTail() ? "mirror-end" : "exact";
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
