package io.breakwater.region;

import io.breakwater.region.CommitContent.Reason;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Paths of data files as a log writes them: URIs (RFC 2396) relative to the root of the table, percent-encoded once.
 * Package-private: reading commits and making their paths relative are the only uses.
 */
final class DeltaPath {

    /** Z85 (ZeroMQ RFC 32), in which deletion vectors write their UUIDs. */
    private static final String Z85 =
            "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

    private static final int ENCODED_UUID = 20;
    private static final Pattern SCHEME = Pattern.compile("[a-zA-Z][a-zA-Z0-9+.-]*:.*", Pattern.DOTALL);
    private static final Pattern PREFIX = Pattern.compile("[a-zA-Z0-9]*");

    private DeltaPath() {}

    /** @return the key below the table's root */
    static String decode(String raw) throws RefusedCommitException {
        if (raw.isEmpty()) {
            throw new RefusedCommitException(Reason.CORRUPT, "an empty path");
        }
        if (isAbsolute(raw)) {
            throw new RefusedCommitException(
                    Reason.ABSOLUTE_PATH, "path '" + raw + "' is absolute: it would lead back to the source");
        }
        String path = percentDecoded(raw);
        for (String segment : path.split("/", -1)) {
            if (segment.isEmpty() || segment.equals(".") || segment.equals("..")) {
                throw new RefusedCommitException(
                        Reason.PATH_LEAVES_TABLE, "path '" + raw + "' has a segment '" + segment + "'");
            }
        }
        if (path.equals("_delta_log") || path.startsWith("_delta_log/")) {
            throw new RefusedCommitException(Reason.PATH_LEAVES_TABLE, "path '" + raw + "' leads into the log");
        }
        return path;
    }

    /** Whether a path of the log, not decoded, names more than a place below the table. */
    static boolean isAbsolute(String raw) {
        return raw.startsWith("/") || SCHEME.matcher(raw).matches();
    }

    /**
     * The object that an absolute path means: {@code s3://} or {@code s3a://}, or a key of the table's own bucket.
     *
     * @param bucket the table's
     */
    static ObjectUri absolute(String raw, String bucket) throws RefusedCommitException {
        String path = percentDecoded(raw);
        if (path.startsWith("/") && !path.startsWith("//")) {
            return new ObjectUri(bucket, path.substring(1));
        }
        try {
            ObjectUri object = ObjectUri.parse(path);
            if (!object.key().isEmpty()) {
                return object;
            }
        } catch (IllegalArgumentException e) {
            // Not a place in an object store: said below.
        }
        throw new RefusedCommitException(
                Reason.ABSOLUTE_PATH,
                "path '" + raw + "' is absolute and no object of an S3 store: it can't be copied");
    }

    /** The opposite of {@link #decode}: RFC 2396, each byte that is not unreserved escaped, slashes kept. */
    static String encode(String path) {
        StringBuilder encoded = new StringBuilder();
        for (byte b : path.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            if (c < 0x80 && (Character.isLetterOrDigit(c) || "-_.!~*'()/=".indexOf(c) >= 0)) {
                encoded.append(c);
            } else {
                encoded.append(String.format(Locale.ROOT, "%%%02X", (int) c));
            }
        }
        return encoded.toString();
    }

    /** A UUID as deletion vectors write it. */
    static String z85(UUID uuid) {
        ByteBuffer bytes = ByteBuffer.allocate(16)
                .putLong(uuid.getMostSignificantBits())
                .putLong(uuid.getLeastSignificantBits())
                .flip();
        StringBuilder encoded = new StringBuilder();
        while (bytes.hasRemaining()) {
            long word = Integer.toUnsignedLong(bytes.getInt());
            char[] digits = new char[5];
            for (int i = 4; i >= 0; i--) {
                digits[i] = Z85.charAt((int) (word % 85));
                word /= 85;
            }
            encoded.append(digits);
        }
        return encoded.toString();
    }

    /** The file of a deletion vector of storage type {@code u}: an optional folder, then 20 characters of UUID. */
    static String ofDeletionVector(String prefixAndUuid) throws RefusedCommitException {
        int split = prefixAndUuid.length() - ENCODED_UUID;
        if (split < 0) {
            throw new RefusedCommitException(
                    Reason.CORRUPT, "deletion vector '" + prefixAndUuid + "' is shorter than a UUID");
        }
        String prefix = prefixAndUuid.substring(0, split);
        if (!PREFIX.matcher(prefix).matches()) {
            throw new RefusedCommitException(
                    Reason.PATH_LEAVES_TABLE, "deletion vector's folder '" + prefix + "' is not letters and digits");
        }
        String file = "deletion_vector_" + uuid(prefixAndUuid.substring(split)) + ".bin";
        return prefix.isEmpty() ? file : prefix + "/" + file;
    }

    private static UUID uuid(String encoded) throws RefusedCommitException {
        ByteBuffer bytes = ByteBuffer.allocate(16);
        for (int at = 0; at < ENCODED_UUID; at += 5) {
            long word = 0;
            for (char c : encoded.substring(at, at + 5).toCharArray()) {
                int digit = Z85.indexOf(c);
                if (digit < 0) {
                    throw new RefusedCommitException(
                            Reason.CORRUPT, "deletion vector '" + encoded + "' is not Z85: '" + c + "'");
                }
                word = word * 85 + digit;
            }
            bytes.putInt((int) word);
        }
        return new UUID(bytes.getLong(0), bytes.getLong(8));
    }

    private static String percentDecoded(String raw) throws RefusedCommitException {
        if (raw.indexOf('%') < 0) {
            return raw;
        }
        byte[] encoded = raw.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream decoded = new ByteArrayOutputStream(encoded.length);
        for (int i = 0; i < encoded.length; i++) {
            if (encoded[i] == '%') {
                decoded.write(escaped(raw, encoded, i));
                i += 2;
            } else {
                decoded.write(encoded[i]);
            }
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(decoded.toByteArray()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new RefusedCommitException(Reason.CORRUPT, "path '" + raw + "' does not decode to UTF-8");
        }
    }

    private static int escaped(String raw, byte[] encoded, int at) throws RefusedCommitException {
        int high = at + 2 < encoded.length ? Character.digit(encoded[at + 1], 16) : -1;
        int low = at + 2 < encoded.length ? Character.digit(encoded[at + 2], 16) : -1;
        if (high < 0 || low < 0) {
            throw new RefusedCommitException(
                    Reason.CORRUPT,
                    String.format(Locale.ROOT, "path '%s' has a '%%' without two hexadecimal digits", raw));
        }
        return high * 16 + low;
    }
}
