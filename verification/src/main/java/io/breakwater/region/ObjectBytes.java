package io.breakwater.region;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What reading an object gave.
 *
 * @param md5 in hexadecimal digits
 */
public record ObjectBytes(long size, String md5) {

    /** @throws IOException if it is gone, or can't be read to its end */
    public static ObjectBytes of(ObjectStore store, ObjectUri uri) throws IOException {
        MessageDigest digest = newDigest();
        try (InputStream in = store.open(uri).orElseThrow(() -> new IOException(uri + " is listed, and is gone"));
                InputStream digesting = new DigestInputStream(in, digest)) {
            long size = digesting.transferTo(OutputStream.nullOutputStream());
            return new ObjectBytes(size, HexFormat.of().formatHex(digest.digest()));
        }
    }

    private static MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has MD5", e);
        }
    }
}
