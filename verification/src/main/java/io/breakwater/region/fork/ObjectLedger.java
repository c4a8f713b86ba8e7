package io.breakwater.region.fork;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.Json;
import io.breakwater.platform.Sha256;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.ledger.LedgerFolder;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Which objects of its prefixes a region that was left holds alone: the file {@value #NAME} of the loss ledger, beside
 * the one of its topics. It names a file of JSON lines for each prefix, one {@link Entry} a line, in the order of keys.
 *
 * @param formatVersion {@link #FORMAT_VERSION}
 * @param region that was left
 */
public record ObjectLedger(
        int formatVersion, String group, Epoch epoch, Instant createdAt, String region, List<Prefix> prefixes) {

    public static final int FORMAT_VERSION = 1;
    public static final String NAME = "objects.json";

    /**
     * One prefix.
     *
     * @param prefix the name of the asset
     * @param location in the region that was left
     * @param recoveredTo the source time of the replica when the region was left, on the mirror's clock; empty if the
     *     prefix was in no recovery point
     * @param objects lines of the file
     * @param bytes of these objects
     * @param file beside this one
     * @param sha256 of the file, in hexadecimal
     */
    public record Prefix(
            String prefix,
            ObjectUri location,
            Optional<Instant> recoveredTo,
            long objects,
            long bytes,
            String file,
            String sha256) {}

    /** What the promoted region has under the object's key. */
    public enum There {
        /** Nothing. */
        NOTHING,
        /** Another object. */
        ANOTHER,
        /** One of the same size whose tag says nothing of this one's, and both are too large to be read. */
        UNKNOWN
    }

    /**
     * An object.
     *
     * @param object where it lies, and stays
     * @param size in bytes
     * @param modified as its store says
     * @param beforeRecoveryPoint whether {@code modified} is before the time to which the prefix was recovered. Such an
     *     object has arrived mostly, and was removed or replaced in the promoted region since; one that was uploaded in
     *     parts need not have, because stores tell when its upload began.
     * @param kept a copy of it, where the promoted region has something under its key: a person may have to remove one
     *     of the two
     */
    public record Entry(
            ObjectUri object,
            long size,
            String etag,
            Instant modified,
            boolean beforeRecoveryPoint,
            There there,
            Optional<ObjectUri> kept) {}

    public ObjectLedger {
        prefixes = List.copyOf(prefixes);
    }

    /**
     * Writes the lines of one prefix.
     *
     * @param asset its name
     * @throws IOException if the local file or the ledger's folder cannot be written
     */
    public static Prefix write(LedgerFolder folder, String asset, ObjectUri location, DivergedObjects diverged)
            throws IOException {
        Path local = Files.createTempFile("breakwater-objects", ".jsonl");
        try {
            Counted counted = lines(local, diverged);
            String name = "objects-" + asset + ".jsonl";
            folder.put(name, local);
            return new Prefix(
                    asset, location, diverged.recoveredTo(), counted.objects, counted.bytes, name, counted.sha256);
        } finally {
            Files.delete(local);
        }
    }

    private record Counted(long objects, long bytes, String sha256) {}

    private static Counted lines(Path local, DivergedObjects diverged) throws IOException {
        MessageDigest digest = Sha256.digest();
        long objects = 0;
        long bytes = 0;
        try (OutputStream out =
                new BufferedOutputStream(new DigestOutputStream(Files.newOutputStream(local), digest))) {
            for (Optional<Entry> entry = diverged.next(); entry.isPresent(); entry = diverged.next()) {
                out.write(Json.MAPPER.writeValueAsBytes(entry.get()));
                out.write('\n');
                objects++;
                bytes += entry.get().size();
            }
        }
        return new Counted(objects, bytes, HexFormat.of().formatHex(digest.digest()));
    }

    /** @return the SHA-256 of what was written, in hexadecimal */
    public String write(LedgerFolder folder) throws IOException {
        byte[] bytes = Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(this);
        Path local = Files.createTempFile("breakwater-objects", ".json");
        try {
            Files.write(local, bytes);
            folder.put(NAME, local);
        } finally {
            Files.delete(local);
        }
        return Sha256.of(bytes);
    }

    /** @throws IllegalStateException if it is none, or of a version that this release does not know */
    public static ObjectLedger parse(byte[] bytes) {
        try {
            ObjectLedger ledger = Json.MAPPER.readValue(bytes, ObjectLedger.class);
            if (ledger.formatVersion() != FORMAT_VERSION) {
                throw new IllegalStateException("a ledger of objects of version " + ledger.formatVersion()
                        + "; this release knows version " + FORMAT_VERSION + ": use the release that made it");
            }
            return ledger;
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("not a ledger of objects: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
