package io.breakwater.verification.delta;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.Json;
import io.breakwater.region.BridgeMark;
import io.breakwater.region.CommitContent;
import io.breakwater.region.DeltaCommit;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStore.ObjectInfo;
import io.breakwater.region.ObjectStoreException;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.RelativeCommit;
import io.breakwater.verification.AssetVerifier;
import io.breakwater.verification.VerificationRequest;
import io.breakwater.verification.VerificationResult;
import io.breakwater.verification.delta.TableReader.UnreadableTableException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;

/**
 * Verifies a table's replica at a version: its files, as Delta Kernel finds them, against the raw commits, against
 * Delta Standalone, the version's checksum file and the objects; every row read; and, if asked, commit bytes and rows
 * against the source. Standalone is asked only where the raw commits of the whole log are there and none of them demands
 * more than it knows; the figures say whether it was.
 */
public final class DeltaVerifier implements AssetVerifier {

    private static final int MOST_DIFFERENCES = 20;
    /** The reader version that Delta Standalone knows. */
    private static final int MOST_OF_STANDALONE = 1;

    @Override
    public String kind() {
        return AssetSpec.DELTA_TABLE;
    }

    @Override
    public VerificationResult verify(VerificationRequest request) throws InterruptedException {
        if (request.position().version().isEmpty()
                || request.position().location().isEmpty()) {
            return new VerificationResult.Unverifiable("the position of " + request.asset() + " names no version");
        }
        long version = Long.parseLong(request.position().version().get());
        ObjectStore target = request.clients().objectStore(request.flow().to());
        ObjectUri replica = ObjectUri.parse(request.position().location().get());
        Optional<ObjectUri> source = request.compareSource()
                ? Optional.of(ObjectUri.parse(request.platform()
                        .region(request.flow().from())
                        .objectStore()
                        .locate(request.spec().required("path"))))
                : Optional.empty();
        try {
            return source.isPresent()
                    ? verify(
                            target,
                            replica,
                            version,
                            Optional.of(new Side(
                                    request.clients().objectStore(request.flow().from()), source.get())))
                    : verify(target, replica, version, Optional.empty());
        } catch (ObjectStoreException | UnreadableTableException e) {
            return new VerificationResult.Unverifiable(String.valueOf(e.getMessage()));
        }
    }

    /** Where a table lies. */
    public record Side(ObjectStore store, ObjectUri table) {}

    /**
     * As {@link #verify(VerificationRequest)}, for tables that are no assets.
     *
     * @throws UnreadableTableException if an engine can't read one of them although its files are there
     */
    public VerificationResult verify(ObjectStore store, ObjectUri table, long version, Optional<Side> source)
            throws UnreadableTableException {
        DeltaLogFiles log = new DeltaLogFiles(store, table);
        List<String> differences = new ArrayList<>();
        ObjectNode figures = Json.MAPPER.createObjectNode().put("version", version);
        SortedMap<String, Long> files = new TableReader(store, table).files(version);
        figures.put("files", files.size());
        figures.put("bytes", files.values().stream().mapToLong(Long::longValue).sum());
        Optional<RawTableFiles.Raw> raw = new RawTableFiles(log).at(version);
        raw.ifPresent(commits -> compare(commits.paths(), files, "the raw commits", differences));
        figures.put("logReplayed", raw.isPresent());
        boolean standalone = raw.filter(commits -> commits.readerVersion() <= MOST_OF_STANDALONE)
                .isPresent();
        if (standalone) {
            compareWithStandalone(new StandaloneReader(store, table).files(version), files, differences);
        }
        figures.put("standalone", standalone);
        figures.put("checksumFile", compareWithChecksum(log, store, version, files, differences));
        compareWithObjects(store, table, files, differences);
        if (!differences.isEmpty()) {
            return mismatch(differences);
        }
        TableContent content = new TableReader(store, table).content(version);
        figures.put("rows", content.rows()).put("digest", content.digest());
        if (source.isPresent()) {
            compareWithSource(log, source.get(), content, differences);
        }
        figures.put("sourceCompared", source.isPresent());
        return differences.isEmpty() ? new VerificationResult.Verified(figures) : mismatch(differences);
    }

    private static void compare(
            Set<String> paths, SortedMap<String, Long> files, String who, List<String> differences) {
        Set<String> onlyThere = new TreeSet<>(paths);
        onlyThere.removeAll(files.keySet());
        onlyThere.forEach(path -> differences.add(path + ": " + who + " have it, Delta Kernel does not"));
        Set<String> onlyKernel = new TreeSet<>(files.keySet());
        onlyKernel.removeAll(paths);
        onlyKernel.forEach(path -> differences.add(path + ": Delta Kernel has it, " + who + " do not"));
    }

    private static void compareWithStandalone(
            SortedMap<String, Long> standalone, SortedMap<String, Long> files, List<String> differences) {
        compare(standalone.keySet(), files, "Delta Standalone's files", differences);
        standalone.forEach((path, size) -> {
            if (files.containsKey(path) && !size.equals(files.get(path))) {
                differences.add(path + ": Delta Standalone says " + size + " bytes, Delta Kernel " + files.get(path));
            }
        });
    }

    private static boolean compareWithChecksum(
            DeltaLogFiles log,
            ObjectStore store,
            long version,
            SortedMap<String, Long> files,
            List<String> differences) {
        ObjectUri commit = log.commitFile(version);
        ObjectUri checksum = new ObjectUri(commit.bucket(), commit.key().replaceFirst("json$", "crc"));
        Optional<byte[]> bytes = store.get(checksum);
        if (bytes.isEmpty()) {
            return false;
        }
        JsonNode expected;
        try {
            expected = Json.MAPPER.readTree(bytes.get());
        } catch (JsonProcessingException e) {
            differences.add(checksum + ": not JSON: " + e.getOriginalMessage());
            return true;
        } catch (IOException e) {
            throw new IllegalStateException("reading bytes in memory", e);
        }
        long size = files.values().stream().mapToLong(Long::longValue).sum();
        compare(checksum + ": numFiles", expected.path("numFiles"), files.size(), differences);
        compare(checksum + ": tableSizeBytes", expected.path("tableSizeBytes"), size, differences);
        return true;
    }

    private static void compare(String what, JsonNode expected, long found, List<String> differences) {
        if (expected.isIntegralNumber() && expected.longValue() != found) {
            differences.add(what + " is " + expected.longValue() + ", found " + found);
        }
    }

    private static void compareWithObjects(
            ObjectStore store, ObjectUri table, SortedMap<String, Long> files, List<String> differences) {
        files.forEach((path, size) -> {
            Optional<ObjectInfo> object = store.head(table.resolve(path));
            if (object.isEmpty()) {
                differences.add(path + ": the version needs it, there is no such object");
            } else if (object.get().size() != size) {
                differences.add(path + ": the log says " + size + " bytes, the object has "
                        + object.get().size());
            }
        });
    }

    private static void compareWithSource(
            DeltaLogFiles log, Side source, TableContent content, List<String> differences)
            throws UnreadableTableException {
        long version = content.version();
        byte[] replicaCommit = log.commit(version).orElse(new byte[0]);
        byte[] sourceCommit = new DeltaLogFiles(source.store(), source.table())
                .commit(version)
                .orElse(new byte[0]);
        byte[] meant = relative(sourceCommit, source.table());
        if (!Arrays.equals(replicaCommit, meant) && !BridgeMark.standsFor(replicaCommit, meant)) {
            differences.add("commit " + version + ": the replica's " + replicaCommit.length
                    + " bytes are not the source's " + sourceCommit.length);
        }
        TableContent original = new TableReader(source.store(), source.table()).content(version);
        // Files of absolute paths lie elsewhere in the replica: their rows and bytes are compared, not their paths.
        boolean samePlaces = Arrays.equals(meant, sourceCommit)
                && original.files().keySet().stream().noneMatch(path -> path.matches("[a-z0-9]+://.*"));
        if (samePlaces ? !original.files().equals(content.files()) : original.bytes() != content.bytes()) {
            differences.add("files: the source has " + original.files().size() + " of " + original.bytes()
                    + " bytes, the replica " + content.files().size() + " of " + content.bytes());
        }
        if (!original.sameRows(content)) {
            differences.add("rows: the source has " + original.rows() + " with digest " + original.digest()
                    + ", the replica " + content.rows() + " with digest " + content.digest());
        }
    }

    /** What the replica of a commit is: its own bytes, or those with relative paths in the place of absolute ones. */
    private static byte[] relative(byte[] commit, ObjectUri table) {
        boolean absolute = DeltaCommit.parse(commit) instanceof CommitContent.Refused refused
                && refused.reason() == CommitContent.Reason.ABSOLUTE_PATH;
        return absolute
                        && RelativeCommit.of(commit, table, bucket -> true)
                                instanceof RelativeCommit.Outcome.Relative it
                ? it.commit().bytes()
                : commit;
    }

    private static VerificationResult mismatch(List<String> differences) {
        List<String> first = new ArrayList<>(differences.subList(0, Math.min(MOST_DIFFERENCES, differences.size())));
        if (differences.size() > MOST_DIFFERENCES) {
            first.add("and " + (differences.size() - MOST_DIFFERENCES) + " more");
        }
        return new VerificationResult.Mismatch(first);
    }
}
