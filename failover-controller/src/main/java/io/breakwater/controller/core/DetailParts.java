package io.breakwater.controller.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.platform.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A detail that is too long for one entry of the evidence log, as several: nothing is left out, however many
 * partitions a group has.
 *
 * <p>Form: in the entry itself, each long field of the detail is replaced by {@code {"parts": n, "bytes": b, "sha256":
 * h}}. In front of it in the log stand n entries of the kind {@link #KIND}, whose details are {@code {"sha256": h,
 * "field": f, "part": i, "parts": n, "text": t}}, i from 1 on. The texts one after the other are the field's JSON: b
 * bytes as UTF-8, and h is their SHA-256 in hexadecimal.
 */
final class DetailParts {

    /** Of entries that hold a part of the next entry's detail. */
    static final String KIND = "detail-part";

    /** Of a detail in one entry, and of a part's text, each as it stands in the entry; the rest is for the fields around. */
    static final int ENTRY_BYTES = 60_000;

    /** A field of at least so many bytes is taken out when the whole is too long. */
    private static final int LONG_FIELD_BYTES = 2_048;

    private final List<ObjectNode> parts = new ArrayList<>();
    private final JsonNode head;

    private DetailParts(JsonNode detail) {
        JsonNode shortened = detail;
        if (detail.isObject() && isLong(detail)) {
            ObjectNode fields = JsonNodeFactory.instance.objectNode();
            detail.properties()
                    .forEach(field -> fields.set(
                            field.getKey(),
                            bytes(field.getValue()).length < LONG_FIELD_BYTES
                                    ? field.getValue()
                                    : split(field.getKey(), field.getValue())));
            shortened = fields;
        }
        head = isLong(shortened) ? split("", shortened) : shortened;
    }

    static DetailParts of(JsonNode detail) {
        return new DetailParts(detail);
    }

    /** What stands in the entry itself. */
    JsonNode head() {
        return head;
    }

    /** Details of the entries that come before it, in their order; mostly none. */
    List<ObjectNode> parts() {
        return parts;
    }

    private static boolean isLong(JsonNode value) {
        return bytes(value).length > ENTRY_BYTES;
    }

    private static byte[] bytes(JsonNode value) {
        return value.toString().getBytes(StandardCharsets.UTF_8);
    }

    private ObjectNode split(String field, JsonNode value) {
        byte[] bytes = bytes(value);
        String sha256 = Sha256.of(bytes);
        List<String> texts = cut(value.toString());
        for (int i = 0; i < texts.size(); i++) {
            parts.add(JsonNodeFactory.instance
                    .objectNode()
                    .put("sha256", sha256)
                    .put("field", field)
                    .put("part", i + 1)
                    .put("parts", texts.size())
                    .put("text", texts.get(i)));
        }
        return JsonNodeFactory.instance
                .objectNode()
                .put("parts", texts.size())
                .put("bytes", bytes.length)
                .put("sha256", sha256);
    }

    /** Into texts that take at most {@link #ENTRY_BYTES} each as a string of JSON. */
    private static List<String> cut(String text) {
        List<String> texts = new ArrayList<>();
        int from = 0;
        int size = 0;
        for (int at = 0; at < text.length(); ) {
            int codePoint = text.codePointAt(at);
            int own = codePoint == '"' || codePoint == '\\' ? 2 : utf8Bytes(codePoint);
            if (size + own > ENTRY_BYTES) {
                texts.add(text.substring(from, at));
                from = at;
                size = 0;
            }
            size += own;
            at += Character.charCount(codePoint);
        }
        texts.add(text.substring(from));
        return texts;
    }

    private static int utf8Bytes(int codePoint) {
        if (codePoint < 0x80) {
            return 1;
        }
        return codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
    }
}
