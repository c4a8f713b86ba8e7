package io.breakwater.evidence;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Verifies a whole evidence log against its public key, without the log's help: every signature, every entry, every
 * tile, every root, that each numbered checkpoint is the beginning of the newest one, and that each detail that is in
 * parts has the digest which its entry names.
 */
public final class EvidenceAudit {

    /**
     * What an audit found.
     *
     * @param size how many entries the newest checkpoint covers
     * @param root as it follows from the entries; empty if they could not be read
     * @param entryBundles files of entries that were checked
     * @param tiles files of hashes that were checked
     * @param checkpoints how many signed statements were checked, the newest and numbered ones
     * @param beyond files of entries that no checkpoint covers yet; not checked
     * @param details how many details that are in parts were put together and have their digest
     * @param failures one line for each thing that is wrong, beginning with the file's path or the entry; at most about
     *     100 of each
     */
    public record Report(
            String origin,
            long size,
            Optional<MerkleHash> root,
            int entryBundles,
            int tiles,
            int checkpoints,
            int beyond,
            int details,
            List<String> failures) {

        public Report {
            failures = List.copyOf(failures);
        }

        public boolean passed() {
            return failures.isEmpty();
        }
    }

    private final LogFiles files;
    private final VerifierKey key;
    private final JoinedEntries joined;
    private final Map<String, Checkpoint> verified = new TreeMap<>();
    private final List<String> failures = new ArrayList<>();

    private EvidenceAudit(LogFiles files, VerifierKey key, Consumer<String> entries) {
        this.joined = new JoinedEntries(entries);
        this.files = files;
        this.key = key;
    }

    /** Takes time and reads in proportion to the log; holds about one bundle of entries in memory. */
    public static Report verify(LogFiles files, VerifierKey key) {
        return verify(files, key, entry -> {});
    }

    /**
     * As the other one.
     *
     * @param entries takes the text of each entry, with details that are in parts put together, before it is known
     *     whether the log is what was signed
     */
    public static Report verify(LogFiles files, VerifierKey key, Consumer<String> entries) {
        return new EvidenceAudit(files, key, entries).run();
    }

    private Report run() {
        readCheckpoints();
        Optional<Checkpoint> newest = verified.values().stream().max((a, b) -> Long.compare(a.size(), b.size()));
        if (newest.isEmpty()) {
            failures.add(LogFiles.CHECKPOINT + ": there is no checkpoint that the key verifies in " + files);
            return new Report(key.name(), 0, Optional.empty(), 0, 0, 0, 0, 0, failures);
        }
        long size = newest.get().size();
        LogReplay replay = new LogReplay(
                files, size, verified.values().stream().map(Checkpoint::size).toList(), joined::accept);
        failures.addAll(replay.failures());
        failures.addAll(joined.failures());
        verified.forEach((path, checkpoint) -> {
            Optional<MerkleHash> root = replay.root(checkpoint.size());
            if (root.isEmpty()) {
                failures.add(path + ": its root could not be checked, for the entries could not be read");
            } else if (!root.get().equals(checkpoint.root())) {
                failures.add(path + ": its root is not that of the first " + checkpoint.size() + " entries");
            }
        });
        return new Report(
                key.name(),
                size,
                replay.root(size),
                replay.bundles(),
                replay.tiles(),
                verified.size(),
                replay.beyond(),
                joined.joined(),
                failures);
    }

    private void readCheckpoints() {
        Optional<byte[]> newest = files.read(LogFiles.CHECKPOINT);
        if (newest.isPresent()) {
            readCheckpoint(LogFiles.CHECKPOINT, newest.get());
        } else {
            failures.add(LogFiles.CHECKPOINT + ": is missing");
        }
        for (String path : files.list()) {
            if (path.startsWith(LogFiles.CHECKPOINTS)) {
                files.read(path).ifPresent(bytes -> readCheckpoint(path, bytes));
            }
        }
    }

    private void readCheckpoint(String path, byte[] bytes) {
        Checkpoint checkpoint;
        try {
            checkpoint = Checkpoint.parse(bytes);
        } catch (EvidenceException e) {
            failures.add(path + ": " + e.getMessage());
            return;
        }
        if (!checkpoint.origin().equals(key.name())) {
            failures.add(path + ": is of origin " + checkpoint.origin() + ", the key is of " + key.name());
        } else if (!checkpoint.isSignedBy(key)) {
            failures.add(path + ": its signature does not verify under " + key);
        } else if (!path.equals(LogFiles.CHECKPOINT) && !path.equals(LogFiles.CHECKPOINTS + checkpoint.size())) {
            failures.add(path + ": is of size " + checkpoint.size());
        } else {
            verified.put(path, checkpoint);
        }
    }
}
