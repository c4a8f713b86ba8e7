package io.breakwater.evidence;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.platform.Json;
import io.breakwater.platform.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The entries of a log as their writer meant them: a detail that was too long for one entry is put together again from
 * the entries of the kind {@link #PART} in front of it, and its digest is checked. The form of both is in
 * failover-controller's decision 0002. Entries that are no JSON, or hold no such detail, pass as they are. Used once,
 * entry by entry in their order; not thread-safe.
 */
public final class JoinedEntries {

    /** The kind of an entry that holds a part of a later entry's detail. */
    public static final String PART = "detail-part";

    /** Of the parts that wait for their entry, in characters: what is longer is a failure, and not kept. */
    static final long WAITING_LIMIT = 256L << 20;

    private static final int MAX_FAILURES = 100;
    private static final String DETAIL = "detail";

    private final Consumer<String> entries;
    private final Map<String, Waiting> waiting = new LinkedHashMap<>();
    private final List<String> failures = new ArrayList<>();
    private long waitingChars;
    private int joined;

    /** The parts of one text so far. */
    private static final class Waiting {
        private final long first;
        private final StringBuilder text = new StringBuilder();
        private int parts;

        private Waiting(long first) {
            this.first = first;
        }
    }

    /** @param entries takes each entry's text, without the parts, and with the details that they make */
    public JoinedEntries(Consumer<String> entries) {
        this.entries = entries;
    }

    /** @param index of the entry in the log, for messages */
    public void accept(long index, byte[] entry) {
        Optional<ObjectNode> json = json(entry);
        if (json.filter(fields -> fields.path("kind").asText().equals(PART)).isPresent()) {
            take(index, json.get().path(DETAIL));
            return;
        }
        JsonNode detail = json.map(fields -> fields.get(DETAIL)).orElse(null);
        if (json.isEmpty() || detail == null || !isSplit(detail)) {
            entries.accept(new String(entry, StandardCharsets.UTF_8));
            return;
        }
        json.get().set(DETAIL, whole(index, detail));
        entries.accept(json.get().toString());
    }

    /** @return one line for each detail that cannot be put together, or whose digest is another; at most about 100 */
    public List<String> failures() {
        List<String> all = new ArrayList<>(failures);
        waiting.forEach((key, parts) -> all.add(
                "entry " + parts.first + ": is the first part of a detail, " + key + ", that no later entry has"));
        return all;
    }

    /** How many details were put together, each with the digest that its entry names. */
    public int joined() {
        return joined;
    }

    private static Optional<ObjectNode> json(byte[] entry) {
        try {
            return Json.MAPPER.readTree(entry) instanceof ObjectNode fields ? Optional.of(fields) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Two fields of an entry may be the same text. */
    private static String key(String sha256, String field) {
        return sha256 + (field.isEmpty() ? "" : " of field " + field);
    }

    private void take(long index, JsonNode part) {
        String sha256 = part.path("sha256").asText();
        String text = part.path("text").asText();
        Waiting whole = waiting.computeIfAbsent(key(sha256, part.path("field").asText()), key -> new Waiting(index));
        waitingChars += text.length();
        if (part.path("part").asInt() != whole.parts + 1) {
            fail(
                    index,
                    "is part " + part.path("part") + " of the detail " + sha256 + ", and part " + (whole.parts + 1)
                            + " comes next");
        } else if (waitingChars > WAITING_LIMIT) {
            fail(index, "more than " + WAITING_LIMIT + " characters of parts wait for their entries");
        } else {
            whole.text.append(text);
            whole.parts++;
        }
    }

    private static boolean isSplit(JsonNode detail) {
        if (isReference(detail)) {
            return true;
        }
        for (JsonNode field : detail) {
            if (isReference(field)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isReference(@Nullable JsonNode value) {
        return value != null
                && value.size() == 3
                && value.path("parts").isInt()
                && value.path("bytes").isIntegralNumber()
                && value.path("sha256").isTextual();
    }

    private JsonNode whole(long index, JsonNode detail) {
        if (isReference(detail)) {
            JsonNode outer = text(index, "", detail);
            return isSplit(outer) ? whole(index, outer) : outer;
        }
        ObjectNode fields = detail.deepCopy();
        detail.properties().forEach(field -> {
            if (isReference(field.getValue())) {
                fields.set(field.getKey(), text(index, field.getKey(), field.getValue()));
            }
        });
        return fields;
    }

    /** What a reference stands for; the reference itself if that is not to be had. */
    private JsonNode text(long index, String field, JsonNode reference) {
        String sha256 = reference.path("sha256").asText();
        Waiting parts = waiting.remove(key(sha256, field));
        if (parts == null || parts.parts != reference.path("parts").asInt()) {
            fail(
                    index,
                    "names a detail " + sha256 + " of " + reference.path("parts") + " parts, and "
                            + (parts == null ? 0 : parts.parts) + " are in front of it");
            return reference;
        }
        waitingChars -= parts.text.length();
        byte[] bytes = parts.text.toString().getBytes(StandardCharsets.UTF_8);
        if (bytes.length != reference.path("bytes").asLong()
                || !Sha256.of(bytes).equals(sha256)) {
            fail(
                    index,
                    "names a detail of " + reference.path("bytes") + " bytes with SHA-256 " + sha256
                            + ", and its parts are " + bytes.length + " bytes with " + Sha256.of(bytes));
            return reference;
        }
        try {
            JsonNode whole = Json.MAPPER.readTree(bytes);
            joined++;
            return whole;
        } catch (JsonProcessingException e) {
            fail(index, "names a detail " + sha256 + " that is no JSON");
        } catch (IOException e) {
            throw new IllegalStateException("an array of bytes could not be read", e);
        }
        return reference;
    }

    private void fail(long index, String what) {
        if (failures.size() < MAX_FAILURES) {
            failures.add("entry " + index + ": " + what);
        } else if (failures.size() == MAX_FAILURES) {
            failures.add("and more");
        }
    }
}
