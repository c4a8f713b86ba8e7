package io.breakwater.replicator.delta;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.platform.Json;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The last word of some commits on all that they touch. After any of them, or none, it makes what all of them make.
 * Source of the rules: PROTOCOL.md, "Action Reconciliation" and "Log Compaction Files".
 */
final class MergedActions {

    private final Map<String, String> singles = new LinkedHashMap<>();
    private final Map<String, String> removed = new LinkedHashMap<>();
    private final Map<String, String> added = new LinkedHashMap<>();

    /** @param commit one that can be parsed, later than those before */
    void add(byte[] commit) {
        for (String line : new String(commit, StandardCharsets.UTF_8).lines().toList()) {
            if (!line.isBlank()) {
                try {
                    add(Json.MAPPER.readTree(line), line);
                } catch (JsonProcessingException e) {
                    throw new IllegalStateException("a line that was parsed before is no JSON", e);
                }
            }
        }
    }

    private void add(JsonNode action, String line) {
        if (action.path("add").isObject()) {
            String file = TableState.key(action.path("add"));
            removed.remove(file);
            added.put(file, line);
        } else if (action.path("remove").isObject()) {
            String file = TableState.key(action.path("remove"));
            added.remove(file);
            removed.put(file, line);
        } else if (action.path("txn").isObject()) {
            singles.put("txn " + action.path("txn").path("appId").asText(), line);
        } else if (action.path("domainMetadata").isObject()) {
            singles.put("domain " + action.path("domainMetadata").path("domain").asText(), line);
        } else if (action.path("protocol").isObject()) {
            singles.put("protocol", line);
        } else if (action.path("metaData").isObject()) {
            singles.put("metaData", line);
        }
    }

    /** Without a {@code commitInfo}, and without change data, which no version needs. */
    List<String> lines() {
        return Stream.of(singles, removed, added)
                .flatMap(lines -> lines.values().stream())
                .toList();
    }
}
