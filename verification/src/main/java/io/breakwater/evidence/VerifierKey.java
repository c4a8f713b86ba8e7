package io.breakwater.evidence;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/**
 * The public half of a log's key, in the "vkey" form of signed notes that public tools read:
 * {@code name+hash+base64(0x01 || Ed25519 key)}, where hash is the key id in hexadecimal. Immutable.
 */
public final class VerifierKey {

    static final byte ED25519 = 1;

    private static final int KEY_BYTES = 32;
    private static final byte[] SPKI_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

    private final String name;
    private final byte[] raw;
    private final int id;

    VerifierKey(String name, PublicKey key) {
        this(name, rawOf(key));
    }

    private VerifierKey(String name, byte[] raw) {
        if (name.isEmpty() || name.contains("+") || name.codePoints().anyMatch(Character::isWhitespace)) {
            throw new IllegalArgumentException("key name '" + name + "': needed, without space and '+'");
        }
        this.name = name;
        this.raw = raw;
        byte[] hash = MerkleHash.sha256((name + "\n").getBytes(StandardCharsets.UTF_8), new byte[] {ED25519}, raw);
        this.id = ByteBuffer.wrap(hash).getInt();
    }

    private static byte[] rawOf(PublicKey key) {
        byte[] spki = key.getEncoded();
        return Arrays.copyOfRange(spki, spki.length - KEY_BYTES, spki.length);
    }

    /** @throws EvidenceException (KEY) if the text is no vkey of an Ed25519 key or its hash does not fit */
    public static VerifierKey parse(String text) {
        String[] parts = text.strip().split("\\+", 3);
        try {
            byte[] typed = Base64.getDecoder().decode(parts.length == 3 ? parts[2] : "");
            if (typed.length != KEY_BYTES + 1 || typed[0] != ED25519) {
                throw new IllegalArgumentException("expected name+hash+base64 of an Ed25519 key");
            }
            VerifierKey key = new VerifierKey(parts[0], Arrays.copyOfRange(typed, 1, typed.length));
            if (!parts[1].equals(key.idHex())) {
                throw new IllegalArgumentException("hash " + parts[1] + " does not fit name and key");
            }
            return key;
        } catch (IllegalArgumentException e) {
            throw new EvidenceException(EvidenceException.Reason.KEY, "not a vkey: " + e.getMessage(), e);
        }
    }

    /** @throws EvidenceException (KEY) if there is no such file or it holds no vkey */
    public static VerifierKey load(Path file) {
        if (!Files.isReadable(file)) {
            throw new EvidenceException(EvidenceException.Reason.KEY, file + ": no such readable vkey file");
        }
        try {
            return parse(Files.readString(file));
        } catch (EvidenceException e) {
            throw new EvidenceException(EvidenceException.Reason.KEY, file + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String name() {
        return name;
    }

    int id() {
        return id;
    }

    private String idHex() {
        return HexFormat.of().toHexDigits(id);
    }

    boolean verify(byte[] text, byte[] signature) {
        try {
            byte[] spki = ByteBuffer.allocate(SPKI_PREFIX.length + KEY_BYTES)
                    .put(SPKI_PREFIX)
                    .put(raw)
                    .array();
            Signature ed25519 = Signature.getInstance("Ed25519");
            ed25519.initVerify(KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(spki)));
            ed25519.update(text);
            return ed25519.verify(signature);
        } catch (SignatureException e) {
            // Not even the form of a signature.
            return false;
        } catch (GeneralSecurityException e) {
            throw new EvidenceException(
                    EvidenceException.Reason.KEY, "vkey " + this + ": not a point of Ed25519's curve", e);
        }
    }

    /** The vkey text. */
    @Override
    public String toString() {
        byte[] typed = ByteBuffer.allocate(KEY_BYTES + 1).put(ED25519).put(raw).array();
        return name + "+" + idHex() + "+" + Base64.getEncoder().encodeToString(typed);
    }
}
