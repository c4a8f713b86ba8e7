package io.breakwater.region.fork;

import io.breakwater.platform.Epoch;
import io.breakwater.platform.Sha256;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.LogFile;
import io.breakwater.region.LogFile.Kind;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStore.ObjectInfo;
import io.breakwater.region.ObjectStore.PutOutcome;
import io.breakwater.region.ObjectStoreException;
import io.breakwater.region.ObjectUri;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The log of a table in the region that was left, with what it has beyond the common ancestor: keeps that aside, and
 * rewinds the log so that it can follow the other region. Data files stay where they are.
 *
 * <p>Invariants: nothing leaves the log before a copy of it is named by the manifest; after each single request the
 * log reads as one of the table's versions; if it ended in a fence, it ends in one until it ends in the promoted
 * region's claim. All of it can be done again from any point.
 */
public final class DivergedLog {

    /** Larger files go through a local file. */
    private static final long IN_MEMORY = 16L << 20;

    /** A writer that was held up may bring something while the log is rewound. */
    private static final int ROUNDS = 5;

    private final ObjectStore store;
    private final DeltaLogFiles log;
    private final Epoch epoch;
    private final CommonAncestor.At ancestor;

    /**
     * @param store of the region that was left
     * @param log of the table there
     * @param epoch that began with the promotion of the other region
     */
    public DivergedLog(ObjectStore store, DeltaLogFiles log, Epoch epoch, CommonAncestor.At ancestor) {
        this.store = store;
        this.log = log;
        this.epoch = epoch;
        this.ancestor = ancestor;
    }

    /**
     * Copies what is beyond the ancestor aside, and names it in the manifest. Fences and the promoted region's claim are
     * not kept. What was kept before stays, also if the log no longer has it.
     *
     * @param now when it is kept
     */
    public KeptLog keep(Instant now) {
        return keep(beyond(), now);
    }

    private KeptLog keep(List<LogFile> beyond, Instant now) {
        KeptLog kept = KeptLog.read(store, log.table(), epoch)
                .orElseGet(() -> KeptLog.none(epoch, log.table(), ancestor.version(), now));
        List<KeptLog.File> more = new ArrayList<>();
        for (LogFile file : beyond) {
            keep(file, kept).ifPresent(more::add);
        }
        if (hintIsBeyond()) {
            store.get(log.lastCheckpointFile())
                    .flatMap(hint -> keep("_last_checkpoint", hint, now, kept))
                    .ifPresent(more::add);
        }
        if (more.isEmpty()) {
            return kept;
        }
        KeptLog all = kept.with(more);
        all.write(store);
        return all;
    }

    /**
     * Takes what is beyond the ancestor out of the log, newest first, and puts the promoted region's claim in the place
     * of the first version beyond it.
     *
     * @param now when what is found only now is kept
     * @return everything that was kept
     * @throws IllegalStateException if the ancestor can't be read without what is beyond it, or writers go on writing
     * @throws ObjectStoreException if the store fails; another run goes on
     */
    public KeptLog rewind(Instant now) {
        for (int round = 0; round < ROUNDS; round++) {
            // What comes after this look is left alone until the next one, so that nothing goes that is not kept.
            List<LogFile> beyond = beyond();
            KeptLog kept = keep(beyond, now);
            if (isRewound(beyond)) {
                return kept;
            }
            // Kernel takes nothing of later versions into account: what it reads now can be read when they are gone.
            TableProtocol.snapshot(store, log.table(), ancestor.version());
            takeAwayWhatSumsUp(beyond);
            takeAwayCommits(beyond);
        }
        throw new IllegalStateException(log.table() + ": something goes on writing versions beyond "
                + ancestor.version() + " although the region was left: find the writer");
    }

    /** All files of versions beyond the ancestor, the newest version first. */
    private List<LogFile> beyond() {
        return log.listFrom(0).stream()
                .filter(file -> file.lastVersion() > ancestor.version())
                .sorted(Comparator.comparingLong(LogFile::version).reversed())
                .toList();
    }

    private boolean hintIsBeyond() {
        return log.lastCheckpointVersion().orElse(-1) > ancestor.version();
    }

    private boolean isRewound(List<LogFile> left) {
        if (hintIsBeyond() || left.size() > 1) {
            return false;
        }
        return left.isEmpty()
                ? ancestor.claim().isEmpty()
                : isClaim(left.get(0).version(), bytes(left.get(0)).orElse(new byte[0]));
    }

    private boolean isClaim(long version, byte[] bytes) {
        return version == ancestor.version() + 1
                && ancestor.claim().filter(claim -> Arrays.equals(claim, bytes)).isPresent();
    }

    /** Checkpoints, checksums, compactions: readers do without. The hint goes first, because they would believe it. */
    private void takeAwayWhatSumsUp(List<LogFile> beyond) {
        if (hintIsBeyond()) {
            store.delete(log.lastCheckpointFile());
        }
        beyond.stream()
                .filter(file -> file.kind() != Kind.COMMIT)
                .forEach(file -> store.delete(file.info().uri()));
    }

    private void takeAwayCommits(List<LogFile> beyond) {
        List<LogFile> commits =
                beyond.stream().filter(file -> file.kind() == Kind.COMMIT).toList();
        long first = ancestor.version() + 1;
        for (int i = 0; i < commits.size() && commits.get(i).version() > first; i++) {
            byte[] top = bytes(commits.get(i)).orElse(new byte[0]);
            boolean followed = i + 1 < commits.size()
                    && commits.get(i + 1).version() == commits.get(i).version() - 1;
            if (followed && FenceCommit.isFence(top)) {
                // The fence goes down with the log: at no moment may a writer go on with it.
                store.put(commits.get(i + 1).info().uri(), top);
            }
            store.delete(commits.get(i).info().uri());
        }
        boolean there = !commits.isEmpty() && commits.get(commits.size() - 1).version() == first;
        if (ancestor.claim().isEmpty() && there) {
            store.delete(log.commitFile(first));
        } else if (there) {
            store.put(log.commitFile(first), ancestor.claim().orElseThrow());
        } else if (ancestor.claim().isPresent()) {
            store.putIfAbsent(log.commitFile(first), ancestor.claim().get());
        }
    }

    private Optional<byte[]> bytes(LogFile file) {
        return store.get(file.info().uri());
    }

    private Optional<KeptLog.File> keep(LogFile file, KeptLog kept) {
        if (file.info().size() > IN_MEMORY) {
            return keepLarge(file, kept);
        }
        Optional<byte[]> bytes = bytes(file);
        boolean own = bytes.filter(b -> file.kind() == Kind.COMMIT)
                .filter(b -> FenceCommit.isFence(b) || isClaim(file.version(), b))
                .isPresent();
        return own
                ? Optional.empty()
                : bytes.flatMap(b -> keep(file.name(), b, file.info().lastModified(), kept));
    }

    private Optional<KeptLog.File> keep(String name, byte[] bytes, Instant modified, KeptLog kept) {
        ObjectUri at = place(name);
        if (store.putIfAbsent(at, bytes) == PutOutcome.EXISTS
                && store.get(at).filter(there -> Arrays.equals(there, bytes)).isEmpty()) {
            // Another file of this name came after the first one was taken away: a writer that was held up.
            at = place("late-" + Sha256.of(bytes).substring(0, 16) + "/" + name);
            store.put(at, bytes);
        }
        return kept.has(at)
                ? Optional.empty()
                : Optional.of(new KeptLog.File(name, checked(at, bytes.length), bytes.length, modified));
    }

    private Optional<KeptLog.File> keepLarge(LogFile file, KeptLog kept) {
        ObjectUri at = place(file.name());
        if (kept.has(at)) {
            return Optional.empty();
        }
        try {
            if (!CopyAside.copy(store, file.info(), at)) {
                return Optional.empty();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(file.info().uri() + " could not be copied aside", e);
        }
        long size = file.info().size();
        return Optional.of(new KeptLog.File(
                file.name(), checked(at, size), size, file.info().lastModified()));
    }

    private ObjectUri checked(ObjectUri at, long size) {
        Optional<ObjectInfo> there = store.head(at);
        if (there.filter(info -> info.size() == size).isEmpty()) {
            throw new ObjectStoreException(
                    ObjectStoreException.Reason.REFUSED, at + " did not arrive: it is " + there, null);
        }
        return at;
    }

    private ObjectUri place(String name) {
        return KeptLog.folder(log.table(), epoch).resolve("_delta_log/" + name);
    }
}
