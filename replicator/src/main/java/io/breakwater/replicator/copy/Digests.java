package io.breakwater.replicator.copy;

import io.breakwater.region.BulkTransfer;
import io.breakwater.region.ObjectUri;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;

/**
 * MD5, the digest that S3's tags are made of: of an object that was put as a whole, the tag is its MD5; of one that was
 * uploaded in parts, it is the MD5 of the parts' MD5s with their number behind it. Stores that encrypt have others.
 */
final class Digests {

    private static final Pattern MD5 = Pattern.compile("[0-9a-f]{32}");
    private static final HexFormat HEX = HexFormat.of();

    private Digests() {}

    static boolean isMd5(String etag) {
        return MD5.matcher(etag).matches();
    }

    static String of(byte[] bytes, int length) {
        MessageDigest md5 = md5();
        md5.update(bytes, 0, length);
        return hex(md5);
    }

    /** Reads the whole object. */
    static String of(BulkTransfer store, ObjectUri uri) throws IOException {
        MessageDigest md5 = md5();
        try (InputStream in = store.open(uri).orElseThrow(() -> new IOException(uri + " is gone"));
                InputStream digesting = new DigestInputStream(in, md5)) {
            digesting.transferTo(OutputStream.nullOutputStream());
        }
        return hex(md5);
    }

    /** The tag of an object in parts with these MD5s. */
    static String ofParts(List<String> parts) {
        MessageDigest md5 = md5();
        parts.forEach(part -> md5.update(HEX.parseHex(part)));
        return hex(md5) + "-" + parts.size();
    }

    static String hex(MessageDigest digest) {
        return HEX.formatHex(digest.digest());
    }

    static MessageDigest md5() {
        try {
            return MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has MD5", e);
        }
    }
}
