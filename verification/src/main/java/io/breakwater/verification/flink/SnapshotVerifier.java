package io.breakwater.verification.flink;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.Json;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStore.ObjectInfo;
import io.breakwater.region.ObjectStoreException;
import io.breakwater.region.ObjectUri;
import io.breakwater.verification.AssetVerifier;
import io.breakwater.verification.VerificationRequest;
import io.breakwater.verification.VerificationResult;
import io.breakwater.verification.VerificationResult.Mismatch;
import io.breakwater.verification.VerificationResult.Unverifiable;
import io.breakwater.verification.VerificationResult.Verified;
import io.breakwater.verification.flink.SnapshotReferences.Extent;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;

/**
 * Verifies that a Flink job's savepoint on the standby can be restored as far as its bytes go: the metadata opens,
 * each file that it refers to is there with its size, each keyed operator has all its key groups. Whether positions
 * are right shows only where the job runs.
 */
public final class SnapshotVerifier implements AssetVerifier {

    private static final String METADATA = "_metadata";
    private static final int MOST_DIFFERENCES = 20;

    @Override
    public String kind() {
        return AssetSpec.FLINK_JOB;
    }

    @Override
    public VerificationResult verify(VerificationRequest request) {
        Optional<String> location = request.position().location();
        if (location.isEmpty()) {
            return new Unverifiable("the position of " + request.asset() + " has no location");
        }
        try {
            return verify(
                    ObjectUri.parse(location.get()),
                    request.clients().objectStore(request.flow().to()));
        } catch (ObjectStoreException e) {
            return new Unverifiable(request.asset() + ": " + e.getMessage());
        }
    }

    /** Holds the snapshot in a directory against the store. */
    VerificationResult verify(ObjectUri directory, ObjectStore store) {
        Optional<byte[]> bytes = store.get(directory.resolve(METADATA));
        if (bytes.isEmpty()) {
            return new Mismatch(List.of(directory + ": has no " + METADATA));
        }
        SnapshotReferences references;
        try {
            references = new SnapshotReferences(directory, open(bytes.get()));
        } catch (IOException | IllegalArgumentException | IllegalStateException e) {
            return new Mismatch(List.of(directory + ": its " + METADATA + " does not open: " + e));
        }
        List<String> differences = new ArrayList<>(references.faults());
        long bytesInFiles = 0;
        Map<String, Long> beside = store.list(directory).stream()
                .collect(Collectors.toMap(object -> object.uri().toString(), ObjectInfo::size));
        for (Map.Entry<String, Extent> needed : references.extents().entrySet()) {
            Optional<Long> size = Optional.ofNullable(beside.get(needed.getKey()))
                    .or(() -> store.head(ObjectUri.parse(needed.getKey())).map(ObjectInfo::size));
            if (size.isEmpty()
                    || !needed.getValue().allows(size.get(), () -> store.get(ObjectUri.parse(needed.getKey())))) {
                differences.add(needed.getKey() + ": " + needed.getValue().bytes() + " bytes are referred to, "
                        + size.map(found -> found + " are there").orElse("it is not there"));
            }
            bytesInFiles += size.orElse(0L);
        }
        return differences.isEmpty()
                ? new Verified(figures(directory, references, bytesInFiles))
                : new Mismatch(cut(differences));
    }

    private static CheckpointMetadata open(byte[] bytes) throws IOException {
        // Relative references need a directory that exists; only their names are used.
        Path local = Files.createTempDirectory("breakwater-verify");
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            Files.write(local.resolve(METADATA), bytes);
            return Checkpoints.loadCheckpointMetadata(
                    in, SnapshotVerifier.class.getClassLoader(), local.toUri().toString());
        } finally {
            Files.deleteIfExists(local.resolve(METADATA));
            Files.delete(local);
        }
    }

    private static ObjectNode figures(ObjectUri directory, SnapshotReferences references, long bytesInFiles) {
        return Json.MAPPER
                .createObjectNode()
                .put("location", directory.toString())
                .put("files", references.extents().size())
                .put("fileBytes", bytesInFiles)
                .put("inlineBytes", references.inlineBytes());
    }

    private static List<String> cut(List<String> differences) {
        if (differences.size() <= MOST_DIFFERENCES) {
            return differences;
        }
        List<String> first = new ArrayList<>(differences.subList(0, MOST_DIFFERENCES));
        first.add("and " + (differences.size() - MOST_DIFFERENCES) + " more");
        return first;
    }
}
