package io.breakwater.region;

import io.breakwater.platform.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * Objects added up in key order: how many, how many bytes, and a digest, SHA-256 over a line {@code size key} for each,
 * the key relative to the prefix and in UTF-8. Equal digests mean the same keys with the same sizes. For one thread.
 */
public final class ObjectTally {

    private final MessageDigest digest;
    private long objects;
    private long bytes;

    public ObjectTally() {
        this.digest = Sha256.digest();
    }

    private ObjectTally(ObjectTally other) {
        try {
            this.digest = (MessageDigest) other.digest.clone();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("SHA-256 of every JVM can be cloned", e);
        }
        this.objects = other.objects;
        this.bytes = other.bytes;
    }

    /** One that goes on where this one is. */
    public ObjectTally copy() {
        return new ObjectTally(this);
    }

    /** @param below the key without the prefix */
    public void add(String below, long size) {
        digest.update((size + " " + below + "\n").getBytes(StandardCharsets.UTF_8));
        objects++;
        bytes += size;
    }

    public long objects() {
        return objects;
    }

    public long bytes() {
        return bytes;
    }

    /** In hexadecimal digits; the tally can be added to afterwards. */
    public String digest() {
        return HexFormat.of().formatHex(copy().digest.digest());
    }
}
