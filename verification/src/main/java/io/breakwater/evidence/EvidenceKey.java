package io.breakwater.evidence;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.interfaces.EdECPrivateKey;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * The key that signs a log's checkpoints: Ed25519, named after the log's origin. Its file has two lines, both in the
 * text forms of signed notes: the private key ({@code PRIVATE+KEY+name+hash+base64}) and the vkey. Immutable.
 */
public final class EvidenceKey {

    private static final String PRIVATE = "PRIVATE+KEY+";
    private static final int SEED_BYTES = 32;

    private final VerifierKey verifier;
    private final PrivateKey key;

    private EvidenceKey(VerifierKey verifier, PrivateKey key) {
        this.verifier = verifier;
        this.key = key;
    }

    /** @param name the origin of the log that it will sign; without space and {@code +} */
    public static EvidenceKey generate(String name) {
        try {
            KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
            return new EvidenceKey(new VerifierKey(name, pair.getPublic()), pair.getPrivate());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java from 15 on has Ed25519", e);
        }
    }

    /** @throws EvidenceException (KEY) if the file is missing, no such key, or its two lines do not belong together */
    public static EvidenceKey load(Path file) {
        if (!Files.isReadable(file)) {
            throw new EvidenceException(EvidenceException.Reason.KEY, file + ": no such readable evidence key file");
        }
        try {
            return parse(Files.readAllLines(file));
        } catch (IllegalArgumentException | EvidenceException | GeneralSecurityException e) {
            throw new EvidenceException(
                    EvidenceException.Reason.KEY,
                    file + ": not an evidence key (make one with 'breakwater audit keygen'): " + e.getMessage(),
                    e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static EvidenceKey parse(List<String> lines) throws GeneralSecurityException {
        if (lines.size() < 2 || !lines.get(0).startsWith(PRIVATE)) {
            throw new IllegalArgumentException("expected the lines " + PRIVATE + "... and the vkey");
        }
        VerifierKey verifier = VerifierKey.parse(lines.get(1));
        String[] parts = lines.get(0).substring(PRIVATE.length()).split("\\+", 3);
        byte[] typed = Base64.getDecoder().decode(parts.length == 3 ? parts[2] : "");
        if (typed.length != SEED_BYTES + 1 || typed[0] != VerifierKey.ED25519) {
            throw new IllegalArgumentException("the private key is not Ed25519");
        }
        EdECPrivateKeySpec spec =
                new EdECPrivateKeySpec(NamedParameterSpec.ED25519, Arrays.copyOfRange(typed, 1, typed.length));
        EvidenceKey key =
                new EvidenceKey(verifier, KeyFactory.getInstance("Ed25519").generatePrivate(spec));
        byte[] probe = "probe".getBytes(StandardCharsets.UTF_8);
        if (!verifier.verify(probe, key.sign(probe))) {
            throw new IllegalArgumentException("the private key is not that of the vkey");
        }
        return key;
    }

    /**
     * Writes the key, readable by its owner only, and the public half for auditors.
     *
     * @throws EvidenceException (KEY) if the key file exists: a key is never overwritten
     */
    public void save(Path keyFile, Path vkeyFile) {
        byte[] seed = ((EdECPrivateKey) key).getBytes().orElseThrow();
        byte[] typed = ByteBuffer.allocate(SEED_BYTES + 1)
                .put(VerifierKey.ED25519)
                .put(seed)
                .array();
        String vkey = verifier.toString();
        String nameAndHash = vkey.substring(0, vkey.indexOf('+', verifier.name().length() + 1) + 1);
        try {
            Files.createFile(
                    keyFile, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(
                    keyFile,
                    PRIVATE + nameAndHash + Base64.getEncoder().encodeToString(typed) + "\n" + vkey + "\n",
                    StandardOpenOption.WRITE);
            Files.writeString(vkeyFile, vkey + "\n");
        } catch (FileAlreadyExistsException e) {
            throw new EvidenceException(
                    EvidenceException.Reason.KEY, keyFile + ": exists already; a key is never overwritten", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public VerifierKey verifier() {
        return verifier;
    }

    public String name() {
        return verifier.name();
    }

    byte[] sign(byte[] text) {
        try {
            Signature ed25519 = Signature.getInstance("Ed25519");
            ed25519.initSign(key);
            ed25519.update(text);
            return ed25519.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("key " + name() + " cannot sign", e);
        }
    }
}
