package io.breakwater.replicator.delta;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.platform.Json;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.LogFile;
import io.breakwater.region.LogFile.Kind;
import io.breakwater.region.ObjectStore;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All that makes a table what it is at a version, as the actions that say so; in memory, about 500 bytes a file. Source
 * of the rules: PROTOCOL.md, "Action Reconciliation".
 */
final class TableState {

    /** Where a table keeps the highest row id that it has given. */
    static final String ROW_TRACKING = "delta.rowTracking";

    private final Map<String, ObjectNode> files = new LinkedHashMap<>();
    private final Map<String, JsonNode> domains = new LinkedHashMap<>();
    private final Map<String, JsonNode> transactions = new LinkedHashMap<>();
    private final Map<String, JsonNode> singles = new LinkedHashMap<>();

    /** Of a version, from the newest checkpoint before it that can be read, and the commits since. */
    static TableState at(ObjectStore store, DeltaLogFiles log, long version)
            throws MirrorHaltException, InterruptedException {
        List<LogFile> listed = log.listFrom(0);
        CheckpointReader reader = new CheckpointReader(store, log);
        Optional<ReadableCheckpoint<TableState>> base =
                ReadableCheckpoint.newest(listed, version, checkpoint -> of(reader, checkpoint));
        TableState state = base.map(ReadableCheckpoint::content).orElseGet(TableState::new);
        long after = base.map(found -> found.checkpoint().version()).orElse(-1L);
        for (LogFile file : listed) {
            if (file.kind() == Kind.COMMIT && file.version() > after && file.version() <= version) {
                state.add(log.commit(file.version())
                        .orElseThrow(
                                () -> MirrorHaltException.waiting(file.info().uri() + " was listed and is gone")));
            }
        }
        return state;
    }

    static TableState of(CheckpointReader reader, Checkpoint checkpoint)
            throws MirrorHaltException, InterruptedException {
        TableState state = new TableState();
        reader.readState(checkpoint, (lines, actions) -> state.add(lines));
        return state;
    }

    /** @param lines of a later commit */
    void add(byte[] lines) {
        for (String line : new String(lines, StandardCharsets.UTF_8).lines().toList()) {
            if (!line.isBlank()) {
                try {
                    add(Json.MAPPER.readTree(line));
                } catch (JsonProcessingException e) {
                    throw new IllegalStateException("a line that was parsed before is no JSON", e);
                }
            }
        }
    }

    private void add(JsonNode action) {
        if (action.path("add") instanceof ObjectNode file) {
            files.put(key(file), file);
        }
        if (action.path("remove") instanceof ObjectNode file) {
            files.remove(key(file));
        }
        if (action.path("txn") instanceof ObjectNode txn) {
            transactions.put(txn.path("appId").asText(), txn);
        }
        if (action.path("domainMetadata") instanceof ObjectNode domain) {
            if (domain.path("removed").asBoolean()) {
                domains.remove(domain.path("domain").asText());
            } else {
                domains.put(domain.path("domain").asText(), domain);
            }
        }
        for (String single : new String[] {"protocol", "metaData"}) {
            if (action.path(single) instanceof ObjectNode body) {
                singles.put(single, body);
            }
        }
    }

    /** A file with another deletion vector is another logical file. */
    static String key(JsonNode file) {
        JsonNode vector = file.path("deletionVector");
        return file.path("path").asText() + "|" + vector.path("storageType").asText()
                + vector.path("pathOrInlineDv").asText() + "@"
                + vector.path("offset").asText();
    }

    /** The actions that make this state of another one, whatever that is; without a {@code commitInfo}. */
    List<String> actionsFrom(TableState before, long now) {
        List<String> lines = new ArrayList<>();
        singles.forEach((name, body) -> lines.add(line(name, body)));
        transactions.values().forEach(txn -> lines.add(line("txn", txn)));
        before.domains.forEach((name, domain) -> {
            if (!domains.containsKey(name)) {
                lines.add(line("domainMetadata", ((ObjectNode) domain.deepCopy()).put("removed", true)));
            }
        });
        domains.values().forEach(domain -> lines.add(line("domainMetadata", domain)));
        before.files.forEach((key, file) -> {
            if (!files.containsKey(key)) {
                lines.add(line("remove", removal(file, now)));
            }
        });
        files.values().forEach(file -> lines.add(line("add", file.deepCopy().put("dataChange", true))));
        return lines;
    }

    private static ObjectNode removal(ObjectNode file, long now) {
        ObjectNode removal = Json.MAPPER.createObjectNode();
        removal.set("path", file.path("path"));
        removal.put("deletionTimestamp", now).put("dataChange", true);
        if (file.path("deletionVector") instanceof ObjectNode vector) {
            removal.set("deletionVector", vector);
        }
        return removal;
    }

    /** The live files that another state has and this one has not; with another deletion vector a file is another one. */
    List<ObjectNode> filesMissingFrom(TableState other) {
        return other.files.entrySet().stream()
                .filter(entry -> !files.containsKey(entry.getKey()))
                .map(Map.Entry::getValue)
                .toList();
    }

    boolean saysTheSameAs(TableState other) {
        return files.equals(other.files)
                && domains.equals(other.domains)
                && transactions.equals(other.transactions)
                && singles.equals(other.singles);
    }

    /** The live files, as the actions that added them. */
    Collection<ObjectNode> files() {
        return Collections.unmodifiableCollection(files.values());
    }

    /** @param name {@code protocol} or {@code metaData} */
    Optional<JsonNode> single(String name) {
        return Optional.ofNullable(singles.get(name));
    }

    /** Those that were not removed. */
    Map<String, JsonNode> domains() {
        return Collections.unmodifiableMap(domains);
    }

    static String line(String action, JsonNode body) {
        return Json.MAPPER.createObjectNode().set(action, body).toString();
    }
}
