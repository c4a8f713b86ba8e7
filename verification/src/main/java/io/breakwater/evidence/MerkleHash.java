package io.breakwater.evidence;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;

/** A SHA-256 hash of a tree as RFC 6962 builds it; leaves and inner nodes are hashed under different prefixes. */
public final class MerkleHash {

    public static final int BYTES = 32;

    /** The root of a log without entries: the hash of nothing. */
    public static final MerkleHash EMPTY = new MerkleHash(sha256(new byte[0]));

    private static final byte[] LEAF = {0};
    private static final byte[] NODE = {1};

    private final byte[] bytes;

    private MerkleHash(byte[] bytes) {
        this.bytes = bytes;
    }

    public static MerkleHash leaf(byte[] entry) {
        return new MerkleHash(sha256(LEAF, entry));
    }

    public static MerkleHash node(MerkleHash left, MerkleHash right) {
        return new MerkleHash(sha256(NODE, left.bytes, right.bytes));
    }

    /** @throws IllegalArgumentException if it is not the base64 form of 32 bytes */
    public static MerkleHash fromBase64(String text) {
        byte[] bytes = Base64.getDecoder().decode(text);
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("a root hash has " + BYTES + " bytes, this has " + bytes.length);
        }
        return new MerkleHash(bytes);
    }

    void copyTo(byte[] target, int at) {
        System.arraycopy(bytes, 0, target, at, BYTES);
    }

    static byte[] sha256(byte[]... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (byte[] part : parts) {
                digest.update(part);
            }
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof MerkleHash hash && Arrays.equals(bytes, hash.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** Base64, as in a checkpoint. */
    @Override
    public String toString() {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
