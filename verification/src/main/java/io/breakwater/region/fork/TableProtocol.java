package io.breakwater.region.fork;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.platform.Json;
import io.breakwater.region.DeltaCommit.Protocol;
import io.breakwater.region.KernelFiles;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectUri;
import io.delta.kernel.TableManager;
import io.delta.kernel.defaults.engine.DefaultEngine;
import io.delta.kernel.internal.SnapshotImpl;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What a table demands of its writers, and the same with our fence. Source of the rules: PROTOCOL.md, "Table Features". */
final class TableProtocol {

    /** A feature that no writer knows: the protocol forbids a writer to go on with a table that lists one. */
    static final String FEATURE = "breakwater-fence";

    /** From this writer version on a table lists its features one by one. */
    private static final int LISTED = 7;

    private static final int READERS_LISTED = 3;
    private static final int READERS_OF_COLUMN_MAPPING = 2;
    private static final String COLUMN_MAPPING = "columnMapping";

    /** What each writer version brings; a table that goes over to a list must name what its version had implied. */
    private static final List<List<String>> IMPLIED = List.of(
            List.of(),
            List.of(),
            List.of("appendOnly", "invariants"),
            List.of("checkConstraints"),
            List.of("changeDataFeed", "generatedColumns"),
            List.of(COLUMN_MAPPING),
            List.of("identityColumns"));

    private TableProtocol() {}

    /**
     * The protocol in force at a version, read by Delta Kernel: it may stand in a checkpoint only.
     *
     * @throws IllegalStateException if the table can't be read at that version
     */
    static Protocol at(ObjectStore store, ObjectUri table, long version) {
        io.delta.kernel.internal.actions.Protocol protocol =
                snapshot(store, table, version).getProtocol();
        return new Protocol(
                protocol.getMinReaderVersion(),
                protocol.getMinWriterVersion(),
                protocol.getReaderFeatures(),
                protocol.getWriterFeatures());
    }

    /**
     * A version as Delta Kernel reads it, with nothing of later ones.
     *
     * @throws IllegalStateException if it can't be read
     */
    static SnapshotImpl snapshot(ObjectStore store, ObjectUri table, long version) {
        try {
            return (SnapshotImpl) TableManager.loadSnapshot(table.toString())
                    .atVersion(version)
                    .build(DefaultEngine.create(new KernelFiles(store)));
        } catch (RuntimeException e) {
            // Kernel throws whatever it meets.
            throw new IllegalStateException(table + " can't be read at version " + version + ": " + e, e);
        }
    }

    /** The same for readers, and closed for writers. */
    static Protocol fenced(Protocol before) {
        Set<String> features = new TreeSet<>(before.writerFeatures());
        for (int version = 0; before.minWriterVersion() < LISTED && version <= before.minWriterVersion(); version++) {
            features.addAll(IMPLIED.get(version));
        }
        if (before.minReaderVersion() == READERS_OF_COLUMN_MAPPING) {
            features.add(COLUMN_MAPPING);
        }
        features.add(FEATURE);
        return new Protocol(before.minReaderVersion(), LISTED, before.readerFeatures(), features);
    }

    static ObjectNode toJson(Protocol protocol) {
        ObjectNode json = Json.MAPPER.createObjectNode();
        json.put("minReaderVersion", protocol.minReaderVersion());
        json.put("minWriterVersion", protocol.minWriterVersion());
        // A list that the versions do not call for makes the action invalid, also an empty one.
        if (protocol.minReaderVersion() >= READERS_LISTED) {
            list(json.putArray("readerFeatures"), protocol.readerFeatures());
        }
        if (protocol.minWriterVersion() >= LISTED) {
            list(json.putArray("writerFeatures"), protocol.writerFeatures());
        }
        return json;
    }

    private static void list(ArrayNode array, Collection<String> features) {
        new TreeSet<>(features).forEach(array::add);
    }

    static Protocol fromJson(JsonNode json) {
        return new Protocol(
                json.path("minReaderVersion").asInt(),
                json.path("minWriterVersion").asInt(),
                texts(json.path("readerFeatures")),
                texts(json.path("writerFeatures")));
    }

    private static Set<String> texts(JsonNode array) {
        Set<String> texts = new TreeSet<>();
        array.forEach(text -> texts.add(text.asText()));
        return texts;
    }
}
