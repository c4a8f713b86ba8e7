package io.breakwater.evidence;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * A signed statement of a log's size and root, as C2SP tlog-checkpoint has it: origin, size and root on three lines,
 * an empty line, and signatures, one a line. The signatures cover the three lines with their line ends. Immutable.
 *
 * @param origin the log's name, which is its key's name
 * @param size how many entries
 * @param signatures lines as they stand in the file; keys that are not known are left alone
 */
public record Checkpoint(String origin, long size, MerkleHash root, List<String> signatures) {

    private static final String SIGNATURE = "\u2014 ";
    private static final int KEY_ID_BYTES = 4;

    public Checkpoint {
        signatures = List.copyOf(signatures);
        if (origin.isEmpty() || origin.contains("\n") || size < 0) {
            throw new IllegalArgumentException("checkpoint of origin '" + origin + "' and size " + size);
        }
    }

    /** Signed by the log's own key, whose name is the origin. Equal contents give equal bytes: Ed25519 has no chance. */
    public static Checkpoint sign(long size, MerkleHash root, EvidenceKey key) {
        return new Checkpoint(key.name(), size, root, List.of()).signedBy(key);
    }

    /** @throws EvidenceException (CORRUPT) if it is no checkpoint; says nothing yet about its signatures */
    public static Checkpoint parse(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        String[] lines = text.split("\n", -1);
        if (lines.length < 6 || !lines[3].isEmpty() || !lines[lines.length - 1].isEmpty()) {
            throw corrupt("expected origin, size, root, an empty line and signatures");
        }
        List<String> signatures = List.of(lines).subList(4, lines.length - 1);
        if (!signatures.stream().allMatch(line -> line.startsWith(SIGNATURE))) {
            throw corrupt("a line after the empty one is no signature");
        }
        Checkpoint checkpoint;
        try {
            checkpoint =
                    new Checkpoint(lines[0], Long.parseLong(lines[1]), MerkleHash.fromBase64(lines[2]), signatures);
        } catch (IllegalArgumentException e) {
            throw new EvidenceException(EvidenceException.Reason.CORRUPT, "not a checkpoint: " + e.getMessage(), e);
        }
        if (!checkpoint.encoded().equals(text)) {
            throw corrupt("not written in the one allowed way");
        }
        return checkpoint;
    }

    private static EvidenceException corrupt(String what) {
        return new EvidenceException(EvidenceException.Reason.CORRUPT, "not a checkpoint: " + what);
    }

    /** This checkpoint with one more signature: a node's cosignature says that it holds this very log. */
    public Checkpoint signedBy(EvidenceKey key) {
        byte[] signature = key.sign(text().getBytes(StandardCharsets.UTF_8));
        byte[] withId = ByteBuffer.allocate(KEY_ID_BYTES + signature.length)
                .putInt(key.verifier().id())
                .put(signature)
                .array();
        List<String> more = new ArrayList<>(signatures);
        more.add(SIGNATURE + key.name() + " " + Base64.getEncoder().encodeToString(withId));
        return new Checkpoint(origin, size, root, more);
    }

    /** Whether the key has signed it. Several lines under one name and id are allowed; one that holds is enough. */
    public boolean isSignedBy(VerifierKey key) {
        String prefix = SIGNATURE + key.name() + " ";
        byte[] text = text().getBytes(StandardCharsets.UTF_8);
        return signatures.stream()
                .filter(line -> line.startsWith(prefix))
                .anyMatch(line -> verifies(key, text, line.substring(prefix.length())));
    }

    private static boolean verifies(VerifierKey key, byte[] text, String base64) {
        byte[] withId;
        try {
            withId = Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            return false;
        }
        if (withId.length <= KEY_ID_BYTES || ByteBuffer.wrap(withId).getInt() != key.id()) {
            return false;
        }
        byte[] signature = new byte[withId.length - KEY_ID_BYTES];
        ByteBuffer.wrap(withId, KEY_ID_BYTES, signature.length).get(signature);
        return key.verify(text, signature);
    }

    /** What is signed. */
    public String text() {
        return origin + "\n" + size + "\n" + root + "\n";
    }

    /** The file's content. */
    public String encoded() {
        return text() + "\n" + String.join("\n", signatures) + "\n";
    }

    byte[] bytes() {
        return encoded().getBytes(StandardCharsets.UTF_8);
    }
}
