package io.breakwater.region.fork;

import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.platform.Json;
import io.breakwater.platform.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A commit that the other region never got, as the loss ledger of a table has it.
 *
 * @param time of the commit by its writer's clock, else when the object was written
 * @param operation as the writer calls it
 * @param engine the writer's name of itself
 * @param added files that it made part of the table
 * @param removed paths of files that it took out, as they stand in the log
 * @param rows in the files added, if the statistics of each tell; without those that deletion vectors take out
 * @param bytes of the files added
 * @param sha256 of the commit
 * @param unreadable why the commit's actions can't be read, if they can't
 */
public record DivergedCommit(
        long version,
        Instant time,
        Optional<String> operation,
        Optional<String> engine,
        List<File> added,
        List<String> removed,
        OptionalLong rows,
        long bytes,
        String sha256,
        Optional<String> unreadable) {

    /**
     * @param path as it stands in the log
     * @param rows if the file's statistics tell
     */
    public record File(String path, long bytes, OptionalLong rows) {}

    public DivergedCommit {
        added = List.copyOf(added);
        removed = List.copyOf(removed);
    }

    /**
     * @param commit its bytes
     * @param modified when the object was written
     */
    public static DivergedCommit of(long version, byte[] commit, Instant modified) {
        List<File> added = new ArrayList<>();
        List<String> removed = new ArrayList<>();
        JsonNode info = Json.MAPPER.missingNode();
        Optional<String> unreadable = Optional.empty();
        int number = 0;
        for (String line : new String(commit, StandardCharsets.UTF_8).lines().toList()) {
            number++;
            try {
                JsonNode action = line.isBlank() ? Json.MAPPER.missingNode() : Json.MAPPER.readTree(line);
                if (action.path("add").isObject()) {
                    added.add(file(action.path("add")));
                }
                if (action.path("remove").isObject()) {
                    removed.add(action.path("remove").path("path").asText());
                }
                info = action.path("commitInfo").isObject() ? action.path("commitInfo") : info;
            } catch (IOException e) {
                unreadable = Optional.of("line " + number + " is no JSON");
            }
        }
        return new DivergedCommit(
                version,
                time(info).orElse(modified),
                Optional.ofNullable(info.path("operation").textValue()),
                Optional.ofNullable(info.path("engineInfo").textValue()),
                added,
                removed,
                added.stream().allMatch(file -> file.rows().isPresent())
                        ? OptionalLong.of(added.stream()
                                .mapToLong(file -> file.rows().orElse(0))
                                .sum())
                        : OptionalLong.empty(),
                added.stream().mapToLong(File::bytes).sum(),
                Sha256.of(commit),
                unreadable);
    }

    private static Optional<Instant> time(JsonNode info) {
        for (String field : List.of("inCommitTimestamp", "timestamp")) {
            if (info.path(field).isIntegralNumber()) {
                return Optional.of(Instant.ofEpochMilli(info.path(field).longValue()));
            }
        }
        return Optional.empty();
    }

    private static File file(JsonNode add) throws IOException {
        return new File(add.path("path").asText(), add.path("size").asLong(), rows(add));
    }

    /** PROTOCOL.md, "Per-file Statistics": JSON in a text; {@code numRecords} counts rows that a vector takes out too. */
    private static OptionalLong rows(JsonNode add) throws IOException {
        String statistics = add.path("stats").asText("");
        JsonNode rows = statistics.isEmpty()
                ? Json.MAPPER.missingNode()
                : Json.MAPPER.readTree(statistics).path("numRecords");
        long deleted = add.path("deletionVector").path("cardinality").asLong(0);
        return rows.isIntegralNumber() ? OptionalLong.of(rows.longValue() - deleted) : OptionalLong.empty();
    }
}
