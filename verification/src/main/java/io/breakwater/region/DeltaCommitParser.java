package io.breakwater.region;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.Json;
import io.breakwater.region.CommitContent.Reason;
import io.breakwater.region.DeltaCommit.CommitInfo;
import io.breakwater.region.DeltaCommit.DataFile;
import io.breakwater.region.DeltaCommit.DeletionVector;
import io.breakwater.region.DeltaCommit.Marker;
import io.breakwater.region.DeltaCommit.Metadata;
import io.breakwater.region.DeltaCommit.Protocol;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads one commit: a JSON object of one action a line, in UTF-8. Used once. */
final class DeltaCommitParser {

    private static final Set<String> CATALOG_FEATURES = Set.of("catalogManaged", "catalogOwned-preview");
    private static final int NEWEST_READER = 3;
    private static final int NEWEST_WRITER = 7;

    /** PROTOCOL.md, "Valid Feature Names in Table Features": those of readers, none of which names files elsewhere. */
    private static final Set<String> READER_FEATURES = Set.of(
            "columnMapping",
            "deletionVectors",
            "timestampNtz",
            "typeWidening",
            "typeWidening-preview",
            "v2Checkpoint",
            "vacuumProtocolCheck",
            "variantType",
            "variantType-preview",
            "variantShredding",
            "variantShredding-preview");

    private final List<DataFile> adds = new ArrayList<>();
    private final List<String> removes = new ArrayList<>();
    private final List<String> removedVectors = new ArrayList<>();
    private final List<DataFile> changes = new ArrayList<>();
    private final SortedMap<String, Long> txns = new TreeMap<>();
    private final List<DataFile> sidecars = new ArrayList<>();
    private @Nullable Protocol protocol;
    private @Nullable Metadata metadata;
    private @Nullable CommitInfo info;

    CommitContent parse(byte[] bytes) {
        long line = 0;
        // A decoder of its own: the reader's default one would replace what is not UTF-8.
        try (BufferedReader lines = new BufferedReader(
                new InputStreamReader(new ByteArrayInputStream(bytes), StandardCharsets.UTF_8.newDecoder()))) {
            for (String text = lines.readLine(); text != null; text = lines.readLine()) {
                line++;
                if (!text.isBlank()) {
                    action(Json.MAPPER.readTree(text));
                }
            }
        } catch (RefusedCommitException e) {
            return e.refused(line);
        } catch (CharacterCodingException e) {
            return new CommitContent.Refused(Reason.CORRUPT, "after line " + line + ": not UTF-8");
        } catch (JsonProcessingException e) {
            return new CommitContent.Refused(Reason.CORRUPT, "line " + line + ": not JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (line == 0) {
            return new CommitContent.Refused(Reason.CORRUPT, "the file is empty");
        }
        return new CommitContent.Actions(new DeltaCommit(
                adds,
                removes,
                removedVectors,
                changes,
                txns,
                sidecars,
                Optional.ofNullable(protocol),
                Optional.ofNullable(metadata),
                Optional.ofNullable(info)));
    }

    private void action(JsonNode line) throws RefusedCommitException {
        if (!line.isObject()) {
            throw new RefusedCommitException(Reason.CORRUPT, "a line is no JSON object");
        }
        for (Map.Entry<String, JsonNode> field : line.properties()) {
            JsonNode body = field.getValue();
            if (!body.isNull()) {
                action(field.getKey(), body);
            }
        }
    }

    private void action(String name, JsonNode body) throws RefusedCommitException {
        switch (name) {
            case "add" -> adds.add(new DataFile(path(body), size(body, "size"), deletionVector(body)));
            case "remove" -> {
                removes.add(path(body));
                deletionVector(body).map(DeletionVector::path).ifPresent(removedVectors::add);
            }
            case "cdc" -> changes.add(new DataFile(path(body), size(body, "size"), Optional.empty()));
            case "txn" -> txns.put(text(body, "appId"), number(body, "version"));
            case "sidecar" -> sidecars.add(sidecar(body));
            case "protocol" -> protocol = protocol(body);
            case "metaData" -> metadata = new Metadata(text(body, "id"), entries(body.path("configuration")));
            case "commitInfo" ->
                info = new CommitInfo(
                        time(body, "timestamp"),
                        time(body, "inCommitTimestamp"),
                        Optional.ofNullable(body.path("operation").textValue()),
                        Optional.ofNullable(body.path("engineInfo").textValue()),
                        marker(body.path(DeltaCommit.MARKER)));
            default -> {
                // Other actions (domainMetadata, checkpointMetadata) refer to no file.
            }
        }
    }

    private static DataFile sidecar(JsonNode body) throws RefusedCommitException {
        String path = DeltaPath.decode(text(body, "path"));
        if (path.contains("/")) {
            throw new RefusedCommitException(Reason.PATH_LEAVES_TABLE, "sidecar '" + path + "' is not a plain name");
        }
        return new DataFile(path, size(body, "sizeInBytes"), Optional.empty());
    }

    private static Protocol protocol(JsonNode body) throws RefusedCommitException {
        Protocol protocol = new Protocol(
                (int) number(body, "minReaderVersion"),
                (int) number(body, "minWriterVersion"),
                texts(body.path("readerFeatures")),
                texts(body.path("writerFeatures")));
        for (String feature : CATALOG_FEATURES) {
            if (protocol.readerFeatures().contains(feature)
                    || protocol.writerFeatures().contains(feature)) {
                throw new RefusedCommitException(
                        Reason.CATALOG_MANAGED,
                        "the table has feature " + feature + ": its commits are decided by a catalog, which a copy of "
                                + "the log does not have");
            }
        }
        if (protocol.minReaderVersion() > NEWEST_READER || protocol.minWriterVersion() > NEWEST_WRITER) {
            throw new RefusedCommitException(
                    Reason.UNKNOWN_PROTOCOL,
                    "protocol (" + protocol.minReaderVersion() + ", " + protocol.minWriterVersion()
                            + ") is newer than (3, 7)");
        }
        Set<String> unknown = new TreeSet<>(protocol.readerFeatures());
        unknown.removeAll(READER_FEATURES);
        if (!unknown.isEmpty()) {
            throw new RefusedCommitException(
                    Reason.UNKNOWN_PROTOCOL,
                    "reader features " + unknown + " are not known: what they keep outside of the known files would "
                            + "not be carried");
        }
        return protocol;
    }

    private static Optional<DeletionVector> deletionVector(JsonNode add) throws RefusedCommitException {
        JsonNode vector = add.path("deletionVector");
        if (!vector.isObject()) {
            return Optional.empty();
        }
        String where = text(vector, "pathOrInlineDv");
        String type = text(vector, "storageType");
        return switch (type) {
            case "u" -> {
                long end = size(vector, "offset").orElse(0) + number(vector, "sizeInBytes");
                yield Optional.of(new DeletionVector(DeltaPath.ofDeletionVector(where), end));
            }
            case "i" -> Optional.empty();
            case "p" ->
                throw new RefusedCommitException(
                        Reason.ABSOLUTE_PATH,
                        "deletion vector '" + where + "' is absolute: it would lead back to the source");
            default ->
                throw new RefusedCommitException(Reason.CORRUPT, "deletion vector of unknown storage type " + type);
        };
    }

    private static Optional<Marker> marker(JsonNode body) throws RefusedCommitException {
        if (!body.isObject()) {
            return Optional.empty();
        }
        long epoch = number(body, "epoch");
        if (epoch < 1) {
            throw new RefusedCommitException(Reason.CORRUPT, "our marker has epoch " + epoch);
        }
        return Optional.of(new Marker(text(body, "marker"), new Epoch(epoch), text(body, "operation")));
    }

    private static String path(JsonNode body) throws RefusedCommitException {
        return DeltaPath.decode(text(body, "path"));
    }

    private static Optional<Instant> time(JsonNode body, String field) {
        JsonNode millis = body.path(field);
        return millis.isIntegralNumber() ? Optional.of(Instant.ofEpochMilli(millis.longValue())) : Optional.empty();
    }

    private static OptionalLong size(JsonNode body, String field) throws RefusedCommitException {
        if (body.path(field).isMissingNode() || body.path(field).isNull()) {
            return OptionalLong.empty();
        }
        long size = number(body, field);
        if (size < 0) {
            throw new RefusedCommitException(Reason.CORRUPT, field + " is " + size);
        }
        return OptionalLong.of(size);
    }

    private static long number(JsonNode body, String field) throws RefusedCommitException {
        JsonNode number = body.path(field);
        if (!number.isIntegralNumber() || !number.canConvertToLong()) {
            throw new RefusedCommitException(Reason.CORRUPT, "'" + field + "' is missing or no whole number");
        }
        return number.longValue();
    }

    private static String text(JsonNode body, String field) throws RefusedCommitException {
        JsonNode text = body.path(field);
        if (!text.isTextual()) {
            throw new RefusedCommitException(Reason.CORRUPT, "'" + field + "' is missing or no text");
        }
        return text.textValue();
    }

    private static SortedMap<String, String> entries(JsonNode object) {
        SortedMap<String, String> entries = new TreeMap<>();
        object.properties()
                .forEach(entry -> entries.put(entry.getKey(), entry.getValue().asText()));
        return entries;
    }

    private static Set<String> texts(JsonNode array) {
        Set<String> texts = new HashSet<>();
        array.forEach(text -> texts.add(text.asText()));
        return texts;
    }
}
