package io.breakwater.region;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.platform.Json;
import io.breakwater.region.CommitContent.Reason;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A commit whose absolute paths (shallow clones, converted tables) were made relative, so that the table can be read
 * wherever it is copied to. The same commit always gives the same bytes: whoever meets them can tell where they are from.
 * Lines without an absolute path stay as they are.
 */
public final class RelativeCommit {

    /** Below the table's root; not a name with an underscore, so that a later vacuum sees it. */
    static final String FOLDER = "cloned";

    private static final Pattern VECTOR = Pattern.compile("(?:(.*)/)?deletion_vector_([0-9a-f-]{36})\\.bin");
    private static final Pattern PREFIX = Pattern.compile("[a-zA-Z0-9]*");

    private final byte[] bytes;
    private final SortedMap<String, ObjectUri> origins;

    private RelativeCommit(byte[] bytes, SortedMap<String, ObjectUri> origins) {
        this.bytes = bytes;
        this.origins = Collections.unmodifiableSortedMap(origins);
    }

    /** What is to be put in the place of the commit. Not copied: the caller only reads. */
    public byte[] bytes() {
        return bytes;
    }

    /** Where the files lie that the new paths name, by path relative to the root of the table. */
    public SortedMap<String, ObjectUri> origins() {
        return origins;
    }

    /** What came of it. */
    public sealed interface Outcome {

        record Relative(RelativeCommit commit) implements Outcome {}

        /** It can't be made relative, or may not. */
        record Refused(CommitContent.Refused why) implements Outcome {}
    }

    /**
     * @param table the root of the table
     * @param allowed the buckets of which files may be copied in
     */
    public static Outcome of(byte[] commit, ObjectUri table, Predicate<String> allowed) {
        String text;
        try {
            // What is not UTF-8 must not become something else in silence.
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(commit))
                    .toString();
        } catch (CharacterCodingException e) {
            return new Outcome.Refused(new CommitContent.Refused(Reason.CORRUPT, "not UTF-8"));
        }
        SortedMap<String, ObjectUri> origins = new TreeMap<>();
        StringBuilder relative = new StringBuilder(text.length());
        long number = 0;
        for (String line : text.split("(?<=\n)", -1)) {
            number++;
            try {
                relative.append(line(line, table, allowed, origins));
            } catch (RefusedCommitException e) {
                return new Outcome.Refused(e.refused(number));
            } catch (JsonProcessingException e) {
                return new Outcome.Refused(new CommitContent.Refused(
                        Reason.CORRUPT, "line " + number + ": not JSON: " + e.getOriginalMessage()));
            }
        }
        return new Outcome.Relative(new RelativeCommit(relative.toString().getBytes(StandardCharsets.UTF_8), origins));
    }

    private static String line(String line, ObjectUri table, Predicate<String> allowed, Map<String, ObjectUri> origins)
            throws RefusedCommitException, JsonProcessingException {
        if (line.isBlank()) {
            return line;
        }
        JsonNode action = Json.MAPPER.readTree(line);
        boolean changed = false;
        for (String kind : new String[] {"add", "remove", "cdc"}) {
            if (action.path(kind) instanceof ObjectNode body) {
                changed |= path(body, table, allowed, origins);
                changed |= body.path("deletionVector") instanceof ObjectNode vector
                        && vector(vector, table, allowed, origins);
            }
        }
        return changed ? Json.MAPPER.writeValueAsString(action) + (line.endsWith("\n") ? "\n" : "") : line;
    }

    private static boolean path(
            ObjectNode body, ObjectUri table, Predicate<String> allowed, Map<String, ObjectUri> origins)
            throws RefusedCommitException {
        String raw = body.path("path").asText();
        if (!DeltaPath.isAbsolute(raw)) {
            return false;
        }
        ObjectUri origin = origin(raw, table, allowed);
        String below = below(origin, table);
        String path = below.isEmpty() ? FOLDER + "/" + origin.bucket() + "/" + origin.key() : below;
        body.put("path", DeltaPath.encode(path));
        origins.put(path, origin);
        return true;
    }

    private static boolean vector(
            ObjectNode vector, ObjectUri table, Predicate<String> allowed, Map<String, ObjectUri> origins)
            throws RefusedCommitException {
        if (!vector.path("storageType").asText().equals("p")) {
            return false;
        }
        String raw = vector.path("pathOrInlineDv").asText();
        ObjectUri origin = origin(raw, table, allowed);
        String below = below(origin, table);
        Matcher name = VECTOR.matcher(below.isEmpty() ? origin.key() : below);
        if (!name.matches()) {
            throw new RefusedCommitException(
                    Reason.ABSOLUTE_PATH, "deletion vector '" + raw + "' has no name that can be made relative");
        }
        String folder = name.group(1) == null ? "" : name.group(1);
        String prefix = !below.isEmpty() && PREFIX.matcher(folder).matches()
                ? folder
                : FOLDER + digest(origin.bucket() + "/" + folder);
        UUID uuid = UUID.fromString(name.group(2));
        vector.put("storageType", "u");
        vector.put("pathOrInlineDv", prefix + DeltaPath.z85(uuid));
        origins.put((prefix.isEmpty() ? "" : prefix + "/") + "deletion_vector_" + uuid + ".bin", origin);
        return true;
    }

    private static ObjectUri origin(String raw, ObjectUri table, Predicate<String> allowed)
            throws RefusedCommitException {
        ObjectUri origin = DeltaPath.absolute(raw, table.bucket());
        if (!allowed.test(origin.bucket())) {
            throw new RefusedCommitException(
                    Reason.ABSOLUTE_PATH,
                    "path '" + raw + "' is absolute, and nothing may be copied in from bucket " + origin.bucket());
        }
        for (String segment : origin.key().split("/", -1)) {
            if (segment.isEmpty() || segment.equals(".") || segment.equals("..")) {
                throw new RefusedCommitException(
                        Reason.PATH_LEAVES_TABLE, "path '" + raw + "' has a segment '" + segment + "'");
            }
        }
        return origin;
    }

    /** The part of a path below the table's root; empty if it lies elsewhere. */
    private static String below(ObjectUri object, ObjectUri table) throws RefusedCommitException {
        String root = table.resolve("").key();
        if (!object.bucket().equals(table.bucket()) || !object.key().startsWith(root)) {
            return "";
        }
        String below = object.key().substring(root.length());
        if (below.startsWith("_delta_log/")) {
            throw new RefusedCommitException(Reason.PATH_LEAVES_TABLE, "path '" + object + "' leads into the log");
        }
        return below;
    }

    private static String digest(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 6);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }
}
