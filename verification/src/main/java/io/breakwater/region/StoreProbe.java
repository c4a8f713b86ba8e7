package io.breakwater.region;

import io.breakwater.platform.Region.ObjectStoreSite;
import io.breakwater.platform.S3Dialect;
import io.breakwater.platform.S3Dialect.Addressing;
import io.breakwater.platform.S3Dialect.Checksums;
import io.breakwater.region.BulkTransfer.PutTerms;
import io.breakwater.region.ObjectStore.ObjectInfo;
import io.breakwater.region.PartUploads.Announced;
import io.breakwater.region.PartUploads.Upload;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Finds out, by small objects that it removes again, how a store is to be spoken to. */
public final class StoreProbe {

    private static final byte[] BYTES = "a probe of Breakwater".getBytes(StandardCharsets.UTF_8);

    private final ObjectStoreSite site;
    private final ObjectUri place;
    private final Duration timeout;
    private final List<Finding> findings = new ArrayList<>();

    private StoreProbe(ObjectStoreSite site, ObjectUri place, Duration timeout) {
        this.site = site;
        this.place = place.resolve(".breakwater-probe-" + UUID.randomUUID());
        this.timeout = timeout;
    }

    /** @param text what was looked at, as a statement that holds or does not */
    public record Finding(String text, boolean holds) {}

    /** @param usable whether objects can be put and read back right */
    public record Report(List<Finding> findings, S3Dialect dialect, boolean usable) {

        /** The lines that belong to {@code objectStore} in the platform file. */
        public List<String> settings() {
            String addressing = dialect.addressing().orElseThrow().name();
            String checksums = dialect.checksums().orElseThrow().name();
            return List.of(
                    "dialect:",
                    "  addressing: " + addressing,
                    "  checksums: " + checksums,
                    "  conditionalPut: " + dialect.conditionalPut().orElseThrow());
        }
    }

    /**
     * @param site its dialect says only in which way of addressing to begin
     * @throws ObjectStoreException if the store cannot be reached, or lets nothing be written, in any way
     */
    public static Report probe(ObjectStoreSite site, ObjectUri place, Duration timeout) {
        return new StoreProbe(site, place, timeout).report();
    }

    private Report report() {
        Addressing addressing = addressing();
        try (S3ObjectStore store = connect(addressing, Checksums.when_required)) {
            BulkTransfer bulk = store.bulk();
            boolean readsBack = finding(
                    "an object is read back as it was written",
                    () -> store.get(place).filter(b -> Arrays.equals(b, BYTES)).isPresent());
            finding(
                    "the tag of an object is the MD5 of its bytes",
                    () -> store.head(place)
                            .map(ObjectInfo::etag)
                            .filter(md5()::equals)
                            .isPresent());
            finding(
                    "bytes of another MD5 than announced are refused",
                    () -> refused(() ->
                            bulk.put(place, ByteBuffer.wrap(BYTES), new PutTerms(false, Optional.of("0".repeat(32))))));
            boolean conditional = finding(
                    "a put with If-None-Match leaves what is there",
                    () -> bulk.put(place, ByteBuffer.wrap(BYTES), new PutTerms(true, Optional.empty()))
                            .isEmpty());
            finding("a range of an object can be read", () -> ranged(store));
            finding("objects can be uploaded in parts", () -> uploads(bulk));
            finding("parts of another CRC-32 than announced are refused", () -> verifiesCrc32(bulk));
            boolean checksums = finding("checksums that nothing asks for are accepted", () -> {
                try (S3ObjectStore other = connect(addressing, Checksums.when_supported)) {
                    return !refused(() -> other.put(place, BYTES));
                }
            });
            store.delete(place);
            finding(
                    "bucket policies can be read (fencePrincipals may be given)",
                    () -> new S3BucketPolicies(store.client()).get(place.bucket())
                            instanceof BucketPolicies.Found.Policy);
            S3Dialect dialect = S3Dialect.of(
                    Optional.of(addressing),
                    Optional.of(checksums ? Checksums.when_supported : Checksums.when_required),
                    Optional.of(conditional));
            return new Report(List.copyOf(findings), dialect, readsBack);
        }
    }

    private Addressing addressing() {
        Addressing first = S3Site.of(site).byPath() ? Addressing.path : Addressing.virtual;
        Addressing second = first == Addressing.path ? Addressing.virtual : Addressing.path;
        try {
            put(first);
            findings.add(new Finding("buckets are addressed as " + first, true));
            return first;
        } catch (ObjectStoreException e) {
            try {
                put(second);
            } catch (ObjectStoreException alsoRefused) {
                e.addSuppressed(alsoRefused);
                throw e; // of the way that is the usual one here
            }
            findings.add(new Finding("buckets are addressed as " + first, false));
            findings.add(new Finding("buckets are addressed as " + second, true));
            return second;
        }
    }

    private void put(Addressing addressing) {
        try (S3ObjectStore store = connect(addressing, Checksums.when_required)) {
            store.put(place, BYTES);
        }
    }

    private S3ObjectStore connect(Addressing addressing, Checksums checksums) {
        S3Dialect dialect = S3Dialect.of(Optional.of(addressing), Optional.of(checksums), Optional.empty());
        return S3ObjectStore.connect(
                new ObjectStoreSite(
                        site.region(),
                        site.endpoint(),
                        site.accessKey(),
                        site.secretKey(),
                        site.buckets(),
                        Optional.of(dialect)),
                timeout);
    }

    @FunctionalInterface
    private interface Question {
        boolean holds() throws IOException;
    }

    /** A refusal is an answer too: no. */
    private boolean finding(String text, Question question) {
        boolean holds;
        try {
            holds = question.holds();
        } catch (ObjectStoreException | IOException e) {
            findings.add(new Finding(text + " (" + e.getMessage() + ")", false));
            return false;
        }
        findings.add(new Finding(text, holds));
        return holds;
    }

    private static boolean refused(Runnable call) {
        try {
            call.run();
            return false;
        } catch (ObjectStoreException e) {
            if (e.reason() == ObjectStoreException.Reason.UNREACHABLE) {
                throw e;
            }
            return true;
        }
    }

    private boolean ranged(S3ObjectStore store) throws IOException {
        Optional<ObjectInfo> info = store.head(place);
        if (info.isEmpty()) {
            return false;
        }
        try (ObjectStream in = store.bulk().open(info.get(), 2, 5)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).equals("probe");
        }
    }

    private boolean uploads(BulkTransfer bulk) {
        PartUploads uploads = bulk.parts().orElseThrow();
        ObjectInfo source = new ObjectInfo(place, BYTES.length, md5(), Instant.EPOCH);
        Upload upload = uploads.begin(place.resolve("upload"), source, false);
        try {
            uploads.put(upload, 1, new ByteArrayInputStream(BYTES), BYTES.length, new Announced.Md5(md5()));
            return uploads.parts(upload).size() == 1
                    && uploads.unfinished(upload.uri()).stream().anyMatch(u -> u.id().equals(upload.id()));
        } finally {
            uploads.abort(upload);
        }
    }

    private boolean verifiesCrc32(BulkTransfer bulk) {
        PartUploads uploads = bulk.parts().orElseThrow();
        ObjectInfo source = new ObjectInfo(place, BYTES.length, md5(), Instant.EPOCH);
        Upload upload = uploads.begin(place.resolve("upload"), source, true);
        uploads.abort(upload);
        return upload.byCrc32();
    }

    private static String md5() {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(BYTES));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has MD5", e);
        }
    }
}
