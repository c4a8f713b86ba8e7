package io.breakwater.local.quickstart;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.local.outcome.Outcome;
import io.breakwater.platform.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * {@code result.json}: the figures of a quickstart, for programs. Numbers are JSON numbers, truths JSON booleans; the
 * fields are fixed, what a person may want to know besides stands in the details of the checks.
 */
record ResultFile(
        Timeline timeline,
        Outcome outcome,
        EvidenceCopy.Audited audited,
        long memoryMegabytes,
        List<Outcome.Check> checks) {

    private static final Map<String, List<String>> FIELDS = Map.of(
            "kafka",
            List.of(
                    "acked",
                    "mirrored",
                    "lost",
                    "lost_in_ledger",
                    "ledger_unacked",
                    "translation_error",
                    "skipped",
                    "reread"),
            "delta",
            List.of("source_version", "replica_version", "rows_match", "input_match"),
            "flink",
            List.of("restored_from", "duplicates", "gaps"));

    /** @param root the paths in the file are relative to this */
    void write(Path file, Path root) {
        try {
            Files.writeString(file, Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(json(root)) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    ObjectNode json(Path root) {
        ObjectNode result = JsonNodeFactory.instance.objectNode();
        result.set("timeline", Json.MAPPER.valueToTree(timeline.seconds()));
        result.put("rto_seconds", outcome.rtoSeconds().orElse(null));
        result.put("rpo_seconds", outcome.rpoSeconds());
        Map<String, JsonNode> sections = outcome.sections();
        for (String section : List.of("kafka", "delta", "flink")) {
            JsonNode known = sections.getOrDefault(section, JsonNodeFactory.instance.objectNode());
            ObjectNode chosen = result.putObject(section);
            FIELDS.getOrDefault(section, List.of()).forEach(field -> chosen.set(field, known.path(field)));
        }
        result.putObject("evidence")
                .put("size", audited.size())
                .put("root", audited.root())
                .put("verified", audited.verified())
                .put("directory", root.relativize(audited.directory()).toString())
                .put("vkey_file", root.relativize(audited.vkeyFile()).toString());
        result.put("memory_mb", memoryMegabytes);
        result.set("checks", Json.MAPPER.valueToTree(checks));
        return result;
    }
}
