package io.breakwater.region;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.identity.spi.AwsSessionCredentialsIdentity;

/**
 * AWS Signature Version 4 in the headers of an S3 request. The SDK's signer hashes every payload that goes over plain
 * HTTP, which costs more than all the rest of a request; here the caller decides. Thread-safe. Format:
 * <a href="https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html">Signature Calculations for
 * the Authorization Header</a>.
 */
final class RequestSignature {

    static final String UNSIGNED = "UNSIGNED-PAYLOAD";

    private static final String ALGORITHM = "AWS4-HMAC-SHA256";
    private static final HexFormat HEX = HexFormat.of();
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final int DATE_LENGTH = 8;

    private record DayKey(String day, String secret, SecretKeySpec key) {}

    private final String region;
    private volatile @Nullable DayKey last;

    RequestSignature(String region) {
        this.region = region;
    }

    /**
     * @param query encoded, sorted by name; may be empty
     * @param headers names in lower case; all of them are signed
     * @param payload the SHA-256 of the body in hex, or {@link #UNSIGNED}
     */
    record Request(
            String method,
            String host,
            String encodedPath,
            String query,
            SortedMap<String, String> headers,
            String payload) {}

    /** All headers to be sent but {@code host}: those of the request, and those that sign it. */
    Map<String, String> sign(Request request, AwsCredentialsIdentity as, Instant now) {
        String time = TIME.format(now);
        String day = time.substring(0, DATE_LENGTH);
        SortedMap<String, String> headers = new TreeMap<>(request.headers());
        headers.put("host", request.host());
        headers.put("x-amz-content-sha256", request.payload());
        headers.put("x-amz-date", time);
        if (as instanceof AwsSessionCredentialsIdentity session) {
            headers.put("x-amz-security-token", session.sessionToken());
        }
        StringBuilder canonical = new StringBuilder(512)
                .append(request.method())
                .append('\n')
                .append(request.encodedPath())
                .append('\n')
                .append(request.query())
                .append('\n');
        headers.forEach((name, value) ->
                canonical.append(name).append(':').append(value.strip()).append('\n'));
        String names = String.join(";", headers.keySet());
        canonical.append('\n').append(names).append('\n').append(request.payload());
        String scope = day + "/" + region + "/s3/aws4_request";
        String toSign = ALGORITHM + "\n" + time + "\n" + scope + "\n" + sha256(bytes(canonical.toString()));
        String signature = HEX.formatHex(hmac(keyOf(day, as.secretAccessKey()), toSign));
        headers.put(
                "authorization",
                ALGORITHM + " Credential=" + as.accessKeyId() + "/" + scope + ", SignedHeaders=" + names
                        + ", Signature=" + signature);
        headers.remove("host");
        return headers;
    }

    private SecretKeySpec keyOf(String day, String secret) {
        DayKey known = last;
        if (known != null && known.day().equals(day) && known.secret().equals(secret)) {
            return known.key();
        }
        SecretKeySpec key = key(bytes("AWS4" + secret));
        for (String word : new String[] {day, region, "s3", "aws4_request"}) {
            key = key(hmac(key, word));
        }
        last = new DayKey(day, secret, key);
        return key;
    }

    static String sha256(byte[] bytes) {
        try {
            return HEX.formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }

    /** Of all that is left of a stream that goes back to its begin at a reset, as one in memory does. */
    static String sha256OfMarked(InputStream bytes) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            new DigestInputStream(bytes, sha256).transferTo(OutputStream.nullOutputStream());
            bytes.reset();
            return HEX.formatHex(sha256.digest());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static SecretKeySpec key(byte[] bytes) {
        return new SecretKeySpec(bytes, "HmacSHA256");
    }

    private static byte[] hmac(SecretKeySpec key, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            return mac.doFinal(bytes(text));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JVM has HmacSHA256", e);
        }
    }

    /** As the signature wants it: every byte but unreserved characters. */
    static String encode(String text, boolean keepSlashes) {
        StringBuilder encoded = new StringBuilder(text.length() + 16);
        for (byte b : bytes(text)) {
            char c = (char) (b & 0xff);
            boolean letterOrDigit = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            boolean unreserved = letterOrDigit || "-._~".indexOf(c) >= 0 || (keepSlashes && c == '/');
            if (unreserved) {
                encoded.append(c);
            } else {
                encoded.append('%').append(HEX.withUpperCase().toHexDigits(b));
            }
        }
        return encoded.toString();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
