package io.breakwater.evidence;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * One node's copy of the evidence log, in a local directory of C2SP tlog-tiles form. Thread-safe.
 *
 * <p>Invariants: an entry that a checkpoint covers is never changed or removed. The files of a checkpoint survive a
 * loss of power before the checkpoint is written, so a reader never sees one that it cannot verify. An index takes
 * only the bytes that it was given first.
 *
 * <p>Entries are in memory until {@link #checkpoint()}; what was appended after the last one is gone after a crash, and
 * a replay of the Raft log brings it again through {@link #ensure}. Memory: at most the entries since the last
 * checkpoint, so call it after each batch. Storage errors surface as {@link java.io.UncheckedIOException} and leave the
 * log as it was: the next {@link #checkpoint()} tries again.
 */
public final class EvidenceLog implements AutoCloseable {

    /** What {@link #ensure} met. */
    public enum Ensured {
        APPENDED,
        /** The same bytes stand there already. */
        PRESENT
    }

    private final LogStorage storage;
    private final EvidenceKey key;
    private final MerkleTree tree;
    /** Full files that are not written yet, in the order in which they became full. */
    private final Map<TileName, byte[]> unwritten = new LinkedHashMap<>();

    private List<byte[]> lastBundle;
    private Checkpoint checkpoint;

    private EvidenceLog(
            LogStorage storage, EvidenceKey key, MerkleTree tree, List<byte[]> lastBundle, Checkpoint checkpoint) {
        this.storage = storage;
        this.key = key;
        this.tree = tree;
        this.lastBundle = new ArrayList<>(lastBundle);
        this.checkpoint = checkpoint;
    }

    /**
     * Opens the log, or begins one; checks every file of it first, which takes about a second for 200,000 entries.
     *
     * @param key its name is the log's origin
     * @throws EvidenceException LOCKED, KEY (signed by another key) or CORRUPT with the names of the files
     */
    public static EvidenceLog open(Path directory, EvidenceKey key) {
        return open(new LogDirectory(directory), key);
    }

    static EvidenceLog open(LogStorage storage, EvidenceKey key) {
        try {
            Optional<byte[]> signed = storage.read(LogFiles.CHECKPOINT);
            Checkpoint checkpoint = signed.map(bytes -> verified(storage, bytes, key))
                    .orElseGet(() -> Checkpoint.sign(0, MerkleHash.EMPTY, key));
            long size = checkpoint.size();
            LogReplay replay = new LogReplay(storage, size, List.of(size));
            List<String> failures = new ArrayList<>(replay.failures());
            if (!replay.root(size).filter(checkpoint.root()::equals).isPresent()) {
                failures.add(LogFiles.CHECKPOINT + ": its root does not follow from the entries");
            }
            if (!failures.isEmpty()) {
                throw new EvidenceException(
                        EvidenceException.Reason.CORRUPT, storage + ": " + String.join("; ", failures));
            }
            EvidenceLog log = new EvidenceLog(storage, key, replay.tree(), replay.lastBundle(), checkpoint);
            log.deleteSuperseded();
            if (signed.isEmpty()) {
                storage.write(LogFiles.CHECKPOINT, checkpoint.bytes());
            }
            return log;
        } catch (RuntimeException e) {
            storage.close();
            throw e;
        }
    }

    private static Checkpoint verified(LogFiles files, byte[] bytes, EvidenceKey key) {
        Checkpoint checkpoint = Checkpoint.parse(bytes);
        if (!checkpoint.origin().equals(key.name()) || !checkpoint.isSignedBy(key.verifier())) {
            throw new EvidenceException(
                    EvidenceException.Reason.KEY,
                    files + "/" + LogFiles.CHECKPOINT + ": not signed by key " + key.verifier() + "; its origin is "
                            + checkpoint.origin());
        }
        return checkpoint;
    }

    /** Partial files that the checkpoint does not consist of: left by a crash before or after it was written. */
    private void deleteSuperseded() {
        List<TileName> current = TileName.partialOf(checkpoint.size());
        for (String path : storage.list()) {
            TileName.parse(path)
                    .filter(name -> name.partial() && !current.contains(name))
                    .ifPresent(name -> storage.delete(name.path()));
        }
    }

    /**
     * Appends an entry at an index if it is not there yet: the same call twice appends once.
     *
     * @param entry its bytes, verbatim; at most 65,535
     * @throws EvidenceException CONFLICT if other bytes stand there, GAP if entries before it are missing, TOO_LARGE
     */
    public synchronized Ensured ensure(long index, byte[] entry) {
        if (index > tree.size()) {
            throw new EvidenceException(
                    EvidenceException.Reason.GAP,
                    storage + ": entry " + index + " cannot follow entry " + (tree.size() - 1)
                            + "; the entries between them are missing");
        }
        if (index == tree.size()) {
            append(entry);
            return Ensured.APPENDED;
        }
        if (!Arrays.equals(entry(index), entry)) {
            throw new EvidenceException(
                    EvidenceException.Reason.CONFLICT, storage + ": entry " + index + " stands with other bytes");
        }
        return Ensured.PRESENT;
    }

    /**
     * Appends an entry.
     *
     * @return its index
     * @throws EvidenceException TOO_LARGE
     */
    public synchronized long append(byte[] entry) {
        if (entry.length > EntryBundle.MAX_ENTRY_BYTES) {
            throw new EvidenceException(
                    EvidenceException.Reason.TOO_LARGE,
                    storage + ": an entry of " + entry.length + " bytes; at most " + EntryBundle.MAX_ENTRY_BYTES);
        }
        long index = tree.size();
        lastBundle.add(entry.clone());
        if (lastBundle.size() == TileName.FULL) {
            unwritten.put(
                    new TileName(TileName.ENTRIES, index / TileName.FULL, TileName.FULL),
                    EntryBundle.encode(lastBundle));
            lastBundle = new ArrayList<>();
        }
        tree.append(entry, unwritten::put);
        return index;
    }

    /**
     * Makes everything appended so far durable and signs it; does nothing if nothing was appended since the last one.
     *
     * @return the newest checkpoint, which covers all entries
     */
    public synchronized Checkpoint checkpoint() {
        long size = tree.size();
        if (size == checkpoint.size()) {
            return checkpoint;
        }
        unwritten.forEach((name, bytes) -> storage.write(name.path(), bytes));
        unwritten.clear();
        List<TileName> partial = TileName.partialOf(size);
        for (TileName name : partial) {
            boolean entries = name.level() == TileName.ENTRIES;
            storage.write(name.path(), entries ? EntryBundle.encode(lastBundle) : tree.partialTile(name));
        }
        Checkpoint next = Checkpoint.sign(size, tree.root(), key);
        storage.write(LogFiles.CHECKPOINT, next.bytes());
        List<TileName> before = TileName.partialOf(checkpoint.size());
        checkpoint = next;
        before.stream().filter(name -> !partial.contains(name)).forEach(name -> storage.delete(name.path()));
        return checkpoint;
    }

    /** How many entries, also those that no checkpoint covers yet. */
    public synchronized long size() {
        return tree.size();
    }

    /** Of all entries, also those that no checkpoint covers yet. */
    public synchronized MerkleHash root() {
        return tree.root();
    }

    /** @throws IllegalArgumentException if there is no such entry */
    public synchronized byte[] entry(long index) {
        if (index < 0 || index >= tree.size()) {
            throw new IllegalArgumentException("entry " + index + " of " + tree.size());
        }
        long bundle = index / TileName.FULL;
        int at = (int) (index % TileName.FULL);
        if (bundle == tree.size() / TileName.FULL) {
            return lastBundle.get(at).clone();
        }
        TileName name = new TileName(TileName.ENTRIES, bundle, TileName.FULL);
        byte[] bytes = unwritten.containsKey(name) ? unwritten.get(name) : required(name);
        return EntryBundle.decode(bytes, TileName.FULL).get(at);
    }

    private byte[] required(TileName name) {
        return storage.read(name.path())
                .orElseThrow(() ->
                        new EvidenceException(EvidenceException.Reason.CORRUPT, storage + "/" + name + ": is missing"));
    }

    /** The newest checkpoint with those of its files that give way to others as the log grows. */
    record Covered(Checkpoint checkpoint, Map<TileName, byte[]> partial) {
        byte[] partialFile(TileName name) {
            return Objects.requireNonNull(partial.get(name));
        }
    }

    synchronized Covered covered() {
        Map<TileName, byte[]> partial = new LinkedHashMap<>();
        TileName.partialOf(checkpoint.size()).forEach(name -> partial.put(name, required(name)));
        return new Covered(checkpoint, partial);
    }

    /** A full file of the log, which never changes. */
    byte[] fullFile(TileName name) {
        return required(name);
    }

    /** What is not covered by a checkpoint is dropped. */
    @Override
    public synchronized void close() {
        storage.close();
    }
}
