package io.breakwater.region;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.platform.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What tells the commits by which a mirror crosses a gap of its source's log from the source's own: a field of their
 * {@code commitInfo}, which readers ignore. A bridge names the digest of the source's commit that it stands for; what
 * only fills the gap names none.
 */
public final class BridgeMark {

    private static final String MARK = "breakwaterBridge";
    private static final String SOURCE = "source";

    private BridgeMark() {}

    /** @param commitInfo of a commit that changes nothing */
    public static void filling(ObjectNode commitInfo) {
        commitInfo.putObject(MARK);
    }

    /**
     * @param commitInfo of a commit that makes the version that the source's makes
     * @param source the bytes of the source's commit
     */
    public static void bridge(ObjectNode commitInfo, byte[] source) {
        commitInfo.putObject(MARK).put(SOURCE, sha256(source));
    }

    /** Whether a mirror has put a commit to cross a gap. */
    public static boolean isMarked(byte[] commit) {
        return mark(commit).isObject();
    }

    /** Whether a commit only fills a gap. */
    public static boolean isFilling(byte[] commit) {
        JsonNode mark = mark(commit);
        return mark.isObject() && !mark.has(SOURCE);
    }

    /** Whether a commit stands for these bytes of the source. */
    public static boolean standsFor(byte[] commit, byte[] source) {
        return mark(commit).path(SOURCE).asText().equals(sha256(source));
    }

    private static JsonNode mark(byte[] commit) {
        // Our own commits begin with it; a foreign one may be anything.
        String first =
                new String(commit, StandardCharsets.UTF_8).lines().findFirst().orElse("");
        try {
            return Json.MAPPER.readTree(first).path("commitInfo").path(MARK);
        } catch (IOException e) {
            return Json.MAPPER.missingNode();
        }
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }
}
