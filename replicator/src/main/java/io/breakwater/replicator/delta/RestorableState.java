package io.breakwater.replicator.delta;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.platform.Json;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Whether, and how, a table can be what it was, at the protocol that it has now. What is kept from now: the protocol, the
 * table's id, what numbers rows and commits must never do twice (identity columns, row tracking, column ids, in-commit
 * timestamps), and writers' transactions, so that no writer adds again what it had added. Source of the rules:
 * PROTOCOL.md, "Table Features", and what Delta's own RESTORE does.
 */
final class RestorableState {

    /** Features that a writer of this commit honours: those that only concern rows are honoured by adding none. */
    private static final Set<String> WRITER_FEATURES = Set.of(
            "allowColumnDefaults",
            "appendOnly",
            "changeDataFeed",
            "checkConstraints",
            "checkpointProtection",
            "clustering",
            "columnMapping",
            "deletionVectors",
            "domainMetadata",
            "generatedColumns",
            "identityColumns",
            "inCommitTimestamp",
            "invariants",
            "rowTracking",
            "timestampNtz",
            "typeWidening",
            "typeWidening-preview",
            "v2Checkpoint",
            "vacuumProtocolCheck",
            "variantShredding",
            "variantShredding-preview",
            "variantType",
            "variantType-preview");

    private static final Set<String> KEPT_PROPERTIES = Set.of(
            "delta.enableInCommitTimestamps",
            "delta.inCommitTimestampEnablementVersion",
            "delta.inCommitTimestampEnablementTimestamp",
            "delta.enableRowTracking",
            "delta.rowTracking.materializedRowIdColumnName",
            "delta.rowTracking.materializedRowCommitVersionColumnName",
            "delta.rowTrackingSuspended",
            "delta.requireCheckpointProtectionBeforeVersion",
            "delta.checkpointPolicy");

    private static final String MAX_COLUMN_ID = "delta.columnMapping.maxColumnId";
    private static final String HIGH_WATER = "delta.identity.highWaterMark";
    private static final String STEP = "delta.identity.step";
    private static final int FEATURES = 7;

    private final TableState then;
    private final TableState now;

    RestorableState(TableState then, TableState now) {
        this.then = then;
        this.now = now;
    }

    /** @return why the table can't be made what it was; empty if it can */
    Optional<String> obstacle() {
        if (now.single("protocol").isEmpty()
                || now.single("metaData").isEmpty()
                || then.single("metaData").isEmpty()) {
            return Optional.of("its log has no protocol or no metadata at one of the two versions");
        }
        JsonNode protocol = now.single("protocol").get();
        Set<String> features = texts(protocol.path("writerFeatures"));
        Set<String> unknown = new TreeSet<>(features);
        unknown.removeAll(WRITER_FEATURES);
        if (!unknown.isEmpty() || protocol.path("minWriterVersion").asInt() > FEATURES) {
            return Optional.of("writer features " + unknown + " of protocol "
                    + protocol.path("minWriterVersion").asInt()
                    + " are not known here: a commit that does not honour them would harm the table");
        }
        Set<String> dropped = texts(then.single("protocol").orElseThrow().path("writerFeatures"));
        if (protocol.path("minWriterVersion").asInt() == FEATURES) {
            dropped.removeAll(features);
        }
        if (!dropped.isEmpty()) {
            return Optional.of("features " + dropped + " were dropped since: the files of then may need them");
        }
        boolean removes = !then.filesMissingFrom(now).isEmpty();
        if (removes && "true".equals(property(now, "delta.appendOnly"))) {
            return Optional.of(
                    "the table is delta.appendOnly, and files would have to be removed from it; unset it first");
        }
        return files(features);
    }

    private Optional<String> files(Set<String> features) {
        boolean numbered = features.contains("rowTracking");
        for (JsonNode file : now.filesMissingFrom(then)) {
            if (numbered && !file.path("baseRowId").isIntegralNumber()) {
                return Optional.of("row tracking came after that version: its file "
                        + file.path("path").asText() + " has no row ids");
            }
            if (file.path("deletionVector").isObject() && !file.path("stats").isTextual()) {
                return Optional.of("the statistics of " + file.path("path").asText()
                        + ", which has deleted rows, are no longer in the log, and have to be");
            }
        }
        return Optional.empty();
    }

    /** The actions after {@code commitInfo}; none if the table is what it was. */
    List<String> actions(long millis) {
        List<String> lines = new ArrayList<>();
        ObjectNode metadata = metadata();
        if (!metadata.equals(now.single("metaData").orElseThrow())) {
            lines.add(TableState.line("metaData", metadata));
        }
        lines.addAll(domains());
        then.filesMissingFrom(now).forEach(file -> lines.add(TableState.line("remove", removal(file, millis))));
        now.filesMissingFrom(then)
                .forEach(
                        file -> lines.add(TableState.line("add", file.deepCopy().put("dataChange", true))));
        return lines;
    }

    private List<String> domains() {
        List<String> lines = new ArrayList<>();
        now.domains().forEach((name, domain) -> {
            boolean gone = then.domains().get(name) == null;
            if (gone && !name.equals(TableState.ROW_TRACKING)) {
                lines.add(TableState.line("domainMetadata", ((ObjectNode) domain.deepCopy()).put("removed", true)));
            }
        });
        then.domains().forEach((name, domain) -> {
            // The highest row id that was ever given never goes down.
            if (!name.equals(TableState.ROW_TRACKING)
                    && !domain.equals(now.domains().get(name))) {
                lines.add(TableState.line("domainMetadata", domain));
            }
        });
        return lines;
    }

    private ObjectNode metadata() {
        JsonNode current = now.single("metaData").orElseThrow();
        ObjectNode metadata = then.single("metaData").orElseThrow().deepCopy();
        metadata.set("id", current.path("id"));
        ObjectNode properties = metadata.withObjectProperty("configuration");
        for (String kept : KEPT_PROPERTIES) {
            JsonNode value = current.path("configuration").path(kept);
            if (value.isTextual()) {
                properties.set(kept, value);
            } else {
                properties.remove(kept);
            }
        }
        long highest = Math.max(
                properties.path(MAX_COLUMN_ID).asLong(0),
                current.path("configuration").path(MAX_COLUMN_ID).asLong(0));
        if (highest > 0) {
            properties.put(MAX_COLUMN_ID, Long.toString(highest));
        }
        String schema = metadata.path("schemaString").asText();
        if (schema.contains(HIGH_WATER)) {
            metadata.put(
                    "schemaString",
                    withHighWater(schema, current.path("schemaString").asText()));
        }
        return metadata;
    }

    /** Identity columns are columns of the table itself, never inside others. */
    private static String withHighWater(String then, String now) {
        JsonNode schema = tree(then);
        JsonNode current = tree(now);
        for (JsonNode field : schema.path("fields")) {
            if (field.path("metadata") instanceof ObjectNode metadata && metadata.has(HIGH_WATER)) {
                for (JsonNode same : current.path("fields")) {
                    JsonNode reached = same.path("metadata").path(HIGH_WATER);
                    if (same.path("name").equals(field.path("name")) && reached.isIntegralNumber()) {
                        boolean down = metadata.path(STEP).asLong(1) < 0;
                        long mark = metadata.path(HIGH_WATER).asLong();
                        metadata.put(
                                HIGH_WATER, down ? Math.min(mark, reached.asLong()) : Math.max(mark, reached.asLong()));
                    }
                }
            }
        }
        return schema.toString();
    }

    private static JsonNode tree(String schema) {
        try {
            return Json.MAPPER.readTree(schema);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a table's schema is no JSON: " + e.getOriginalMessage(), e);
        }
    }

    private static ObjectNode removal(ObjectNode file, long millis) {
        ObjectNode removal = Json.MAPPER.createObjectNode();
        removal.set("path", file.path("path"));
        removal.put("deletionTimestamp", millis).put("dataChange", true).put("extendedFileMetadata", true);
        for (String field :
                List.of("partitionValues", "size", "tags", "deletionVector", "baseRowId", "defaultRowCommitVersion")) {
            JsonNode value = file.path(field);
            if (!value.isMissingNode() && !value.isNull()) {
                removal.set(field, value);
            }
        }
        return removal;
    }

    private static String property(TableState state, String name) {
        return state.single("metaData")
                .orElseThrow()
                .path("configuration")
                .path(name)
                .asText();
    }

    private static Set<String> texts(JsonNode array) {
        Set<String> texts = new TreeSet<>();
        for (Iterator<JsonNode> each = array.elements(); each.hasNext(); ) {
            texts.add(each.next().asText());
        }
        return texts;
    }
}
