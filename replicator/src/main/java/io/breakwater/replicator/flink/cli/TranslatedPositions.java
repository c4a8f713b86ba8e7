package io.breakwater.replicator.flink.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.platform.Json;
import io.breakwater.platform.PartitionKey;
import io.breakwater.replicator.kafka.cli.NotDoneException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Positions that were translated before, as {@code breakwater offsets translate --json} prints them: an array of objects
 * with {@code topic}, {@code partition}, {@code offset} on the source and {@code targetOffset}, or an object that has it
 * as {@code positions}. {@code how} says how a place was found, {@code why} that there is none.
 */
final class TranslatedPositions implements PositionTranslation {

    private static final long MAX_BYTES = 64L * 1024 * 1024;

    private final Path file;
    private final Map<PartitionKey, SortedMap<Long, Place>> places = new HashMap<>();
    private final Map<String, String> topics = new TreeMap<>();

    private TranslatedPositions(Path file) {
        this.file = file;
    }

    /** @throws NotDoneException naming file and place, if it is not as it should be */
    static TranslatedPositions read(Path file) {
        TranslatedPositions read = new TranslatedPositions(file);
        JsonNode root;
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new NotDoneException("--positions " + file + ": larger than " + MAX_BYTES + " bytes");
            }
            root = Json.MAPPER.readTree(Files.readString(file));
        } catch (JsonProcessingException e) {
            throw new NotDoneException("--positions " + file + ", line "
                    + e.getLocation().getLineNr() + ": not JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new NotDoneException("--positions " + file + ": no such readable file of UTF-8 text");
        }
        JsonNode array = root.isArray() ? root : root.path("positions");
        if (!array.isArray() || array.isEmpty()) {
            throw read.wrong("/positions", "expected an array of objects with topic, partition, offset, targetOffset");
        }
        for (int i = 0; i < array.size(); i++) {
            read.add((root.isArray() ? "/" : "/positions/") + i, array.get(i));
        }
        return read;
    }

    private void add(String at, JsonNode position) {
        if (!position.path("topic").isTextual()
                || !position.path("partition").canConvertToInt()
                || !position.path("offset").isIntegralNumber()) {
            throw wrong(at, "expected topic (text), partition and offset (whole numbers), found " + position);
        }
        JsonNode target = position.path("targetOffset");
        String how = position.path("how").asText("as the file says");
        if (!target.isIntegralNumber() && !position.has("how")) {
            throw wrong(at, "it has no targetOffset; expected what 'breakwater offsets translate --json' prints");
        }
        Place place = target.isIntegralNumber()
                ? new Place(Optional.of(target.asLong()), how, "")
                : new Place(Optional.empty(), how, position.path("why").asText(how));
        String topic = position.path("topic").asText();
        PartitionKey partition =
                new PartitionKey(topic, position.path("partition").asInt());
        Place before = places.computeIfAbsent(partition, key -> new TreeMap<>())
                .put(position.path("offset").asLong(), place);
        if (before != null && !before.offset().equals(place.offset())) {
            throw wrong(at, "a second place of " + partition + " at offset " + position.path("offset"));
        }
        topics.put(topic, position.path("targetTopic").asText(topic));
    }

    private NotDoneException wrong(String at, String what) {
        return new NotDoneException("--positions " + file + ", " + at + ": " + what);
    }

    @Override
    public Map<String, String> topics() {
        return topics;
    }

    @Override
    public Place place(PartitionKey partition, long offset) {
        SortedMap<Long, Place> known = places.getOrDefault(partition, new TreeMap<>());
        Place place = known.get(offset);
        return place != null
                ? place
                : new Place(
                        Optional.empty(),
                        "unknown",
                        file
                                + (known.isEmpty()
                                        ? " has nothing of this partition"
                                        : " has only offsets " + known.keySet() + " of this partition")
                                + "; translate what 'breakwater savepoint inspect --positions' prints of this"
                                + " snapshot");
    }
}
