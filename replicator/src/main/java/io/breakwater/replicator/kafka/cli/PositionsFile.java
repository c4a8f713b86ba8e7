package io.breakwater.replicator.kafka.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.platform.Json;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Source positions that somebody keeps: lines {@code topic partition offset} or {@code group topic partition offset},
 * or JSON, an array of objects with these keys or an object that has it as {@code positions}, as
 * {@code breakwater offsets translate --json} prints it.
 */
final class PositionsFile {

    /** No group of Kafka's has this name. */
    static final String NO_GROUP = "";

    private static final long MAX_BYTES = 64L * 1024 * 1024;
    private static final int WORDS = 3;

    private final Path file;
    private final SortedMap<String, SortedMap<PartitionKey, Long>> positions = new TreeMap<>();

    private PositionsFile(Path file) {
        this.file = file;
    }

    /**
     * @return by group; under {@link #NO_GROUP} what is without one
     * @throws NotDoneException naming file and place, if it is not as it should be
     */
    static SortedMap<String, OffsetVector> read(Path file) {
        PositionsFile read = new PositionsFile(file);
        String text = read.text();
        if (text.stripLeading().startsWith("{") || text.stripLeading().startsWith("[")) {
            read.json(text);
        } else {
            read.lines(text);
        }
        if (read.positions.isEmpty()) {
            throw new NotDoneException(
                    file + ": it has no positions; expected lines 'topic partition offset', or JSON");
        }
        SortedMap<String, OffsetVector> vectors = new TreeMap<>();
        read.positions.forEach((group, positions) -> vectors.put(group, new OffsetVector(positions)));
        return vectors;
    }

    private String text() {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new NotDoneException(file + ": larger than " + MAX_BYTES + " bytes: split it");
            }
            return Files.readString(file);
        } catch (IOException e) {
            throw new NotDoneException("--positions " + file + ": no such readable file of UTF-8 text");
        }
    }

    private void lines(String text) {
        int number = 0;
        for (String line : text.lines().toList()) {
            number++;
            String place = "line " + number;
            if (line.isBlank() || line.strip().startsWith("#")) {
                continue;
            }
            String[] words = line.strip().split("\\s+", -1);
            if (words.length != WORDS && words.length != WORDS + 1) {
                throw wrong(place, "expected '[group] topic partition offset', found '" + line.strip() + "'");
            }
            int topic = words.length - WORDS;
            add(
                    place,
                    topic == 0 ? NO_GROUP : words[0],
                    words[topic],
                    number(place, "partition", words[topic + 1]),
                    number(place, "offset", words[topic + 2]));
        }
    }

    private void json(String text) {
        JsonNode root;
        try {
            root = Json.MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw wrong("line " + e.getLocation().getLineNr(), "not JSON: " + e.getOriginalMessage());
        }
        JsonNode array = root.isArray() ? root : root.path("positions");
        if (!array.isArray()) {
            throw wrong("/positions", "expected an array of objects with topic, partition and offset");
        }
        for (int i = 0; i < array.size(); i++) {
            JsonNode position = array.get(i);
            String place = (root.isArray() ? "/" : "/positions/") + i;
            if (!position.path("topic").isTextual()
                    || !position.path("partition").isIntegralNumber()
                    || !position.path("offset").isIntegralNumber()) {
                throw wrong(place, "expected topic (text), partition and offset (whole numbers), found " + position);
            }
            add(
                    place,
                    position.path("group").asText(NO_GROUP),
                    position.path("topic").asText(),
                    position.path("partition").asLong(),
                    position.path("offset").asLong());
        }
    }

    private long number(String place, String what, String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw wrong(place, what + " '" + text + "' is no whole number");
        }
    }

    private void add(String place, String group, String topic, long partition, long offset) {
        if (topic.isEmpty() || partition < 0 || partition > Integer.MAX_VALUE || offset < 0) {
            throw wrong(place, "a topic has a name; partition and offset are not negative");
        }
        PartitionKey key = new PartitionKey(topic, (int) partition);
        Long before = positions.computeIfAbsent(group, name -> new TreeMap<>()).put(key, offset);
        if (before != null && before != offset) {
            throw wrong(
                    place,
                    "a second position on " + key + (group.isEmpty() ? "" : " of group " + group) + ": " + before
                            + " and " + offset);
        }
    }

    private NotDoneException wrong(String place, String what) {
        return new NotDoneException(file + ", " + place + ": " + what);
    }
}
