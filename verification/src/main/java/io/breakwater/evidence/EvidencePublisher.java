package io.breakwater.evidence;

import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStore.PutOutcome;
import io.breakwater.region.ObjectUri;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Copies a log's newest checkpoint, and the files that it consists of, to an object store. Resumable: each call puts
 * what is not there yet. Several nodes may publish the same log at the same time. Not thread-safe.
 *
 * <p>Invariants: nothing but {@code checkpoint}, a mere hint, is ever written over. A numbered checkpoint is written
 * only after each of its files has been written or seen. A node whose log is behind publishes nothing.
 *
 * <p>An unreachable store surfaces as {@link io.breakwater.region.ObjectStoreException}; call again later.
 */
public final class EvidencePublisher {

    /** How a publication ended. */
    public sealed interface Outcome permits Published, Behind, Diverged {}

    /** The store holds the log up to this size. */
    public record Published(long size) implements Outcome {}

    /** The store holds a checkpoint of a larger log, which another node has published. */
    public record Behind(long size, long publishedSize) implements Outcome {}

    /** ALARM: the store holds something else in the log's place: two logs under one name, or tampering. */
    public record Diverged(ObjectUri object, String reason) implements Outcome {}

    private final EvidenceLog log;
    private final ObjectStore store;
    private final ObjectUri prefix;
    /** The files of a log of this size are known to be in the store. */
    private long completeUpTo;

    private long published = -1;

    public EvidencePublisher(EvidenceLog log, ObjectStore store, ObjectUri prefix) {
        this.log = log;
        this.store = store;
        this.prefix = prefix;
    }

    /** Up to which size this object has published or seen published; -1 before the first call. */
    public long published() {
        return published;
    }

    /** Publishes the newest checkpoint; entries after it are none of its business. */
    public Outcome publish() {
        EvidenceLog.Covered covered = log.covered();
        long size = covered.checkpoint().size();
        if (size == published) {
            return new Published(size);
        }
        Map<String, Long> present = published < 0 ? presentSizes() : Map.of();
        long largest = largestCheckpoint(present);
        if (largest > size) {
            return new Behind(size, largest);
        }
        for (TileName name : TileName.of(size)) {
            if (name.partial() || !name.within(completeUpTo)) {
                byte[] bytes = name.partial() ? covered.partialFile(name) : log.fullFile(name);
                Optional<Diverged> diverged = putFile(name, bytes, present);
                if (diverged.isPresent()) {
                    return diverged.get();
                }
            }
        }
        completeUpTo = size;
        return putCheckpoint(covered.checkpoint());
    }

    private Map<String, Long> presentSizes() {
        Map<String, Long> sizes = new HashMap<>();
        String root = prefix.resolve("").key();
        for (ObjectStore.ObjectInfo info : store.list(prefix.resolve(""))) {
            sizes.put(info.uri().key().substring(root.length()), info.size());
        }
        return sizes;
    }

    private static long largestCheckpoint(Map<String, Long> present) {
        return present.keySet().stream()
                .filter(path -> path.matches(LogFiles.CHECKPOINTS + "\\d{1,18}"))
                .mapToLong(path -> Long.parseLong(path.substring(LogFiles.CHECKPOINTS.length())))
                .max()
                .orElse(-1);
    }

    private Optional<Diverged> putFile(TileName name, byte[] bytes, Map<String, Long> present) {
        Long there = present.get(name.path());
        if (there != null && there == bytes.length) {
            return Optional.empty();
        }
        ObjectUri object = prefix.resolve(name.path());
        if (store.putIfAbsent(object, bytes) == PutOutcome.EXISTS
                && !Arrays.equals(store.get(object).orElse(null), bytes)) {
            return Optional.of(new Diverged(object, "differs from this node's file"));
        }
        return Optional.empty();
    }

    private Outcome putCheckpoint(Checkpoint checkpoint) {
        ObjectUri numbered = prefix.resolve(LogFiles.CHECKPOINTS + checkpoint.size());
        if (store.putIfAbsent(numbered, checkpoint.bytes()) == PutOutcome.EXISTS) {
            Optional<byte[]> there = store.get(numbered);
            if (there.isEmpty() || !sameStatement(there.get(), checkpoint)) {
                return new Diverged(
                        numbered,
                        "states another log of size " + checkpoint.size() + " than this node's root "
                                + checkpoint.root());
            }
        }
        store.put(prefix.resolve(LogFiles.CHECKPOINT), checkpoint.bytes());
        published = checkpoint.size();
        return new Published(published);
    }

    private static boolean sameStatement(byte[] there, Checkpoint ours) {
        try {
            return Checkpoint.parse(there).text().equals(ours.text());
        } catch (EvidenceException e) {
            return false;
        }
    }

    /** The files of a published log, for an audit. */
    public static LogFiles filesAt(ObjectStore store, ObjectUri prefix) {
        return new ObjectStoreFiles(store, prefix);
    }

    private record ObjectStoreFiles(ObjectStore store, ObjectUri prefix) implements LogFiles {

        @Override
        public Optional<byte[]> read(String path) {
            return store.get(prefix.resolve(path));
        }

        @Override
        public List<String> list() {
            String root = prefix.resolve("").key();
            return store.list(prefix.resolve("")).stream()
                    .map(info -> info.uri().key().substring(root.length()))
                    .toList();
        }

        @Override
        public String toString() {
            return prefix.toString();
        }
    }
}
