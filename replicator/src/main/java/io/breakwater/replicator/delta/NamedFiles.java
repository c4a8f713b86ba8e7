package io.breakwater.replicator.delta;

import io.breakwater.region.CommitContent;
import io.breakwater.region.DeltaCommit;
import io.breakwater.region.DeltaCommit.DataFile;
import io.breakwater.region.DeltaCommit.DeletionVector;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.LogFile;
import io.breakwater.region.LogFile.Kind;
import io.breakwater.region.ObjectStore;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Every file that a table's log names, and up to which version each is needed. In memory: a path for each file of the
 * table and of its history.
 */
final class NamedFiles {

    /** Of each file of the newest version, the deletion vector's file if it has one. */
    private final Map<String, Optional<String>> live = new HashMap<>();
    /** The first version that no longer needs a file. */
    private final Map<String, Long> ended = new HashMap<>();

    private final Set<String> liveVectors = new HashSet<>();
    /** Of what came where the log has a gap; counted as needed. */
    private final Set<String> alsoNamed = new HashSet<>();

    /** @throws MirrorHaltException if a part of the log can't be read: then nothing is known of what is needed */
    static NamedFiles of(ObjectStore store, DeltaLogFiles log) throws MirrorHaltException, InterruptedException {
        NamedFiles named = new NamedFiles();
        List<LogFile> listed = log.listFrom(0);
        List<Checkpoint> checkpoints = Checkpoint.among(listed);
        boolean fromTheBeginning = listed.stream().anyMatch(file -> file.kind() == Kind.COMMIT && file.version() == 0);
        CheckpointReader reader = new CheckpointReader(store, log);
        long after = -1;
        if (!fromTheBeginning && !checkpoints.isEmpty()) {
            Checkpoint oldest = checkpoints.get(0);
            after = oldest.version();
            reader.read(oldest, actions -> named.add(oldest.version(), actions));
        }
        for (LogFile file : listed) {
            if (file.kind() == Kind.COMMIT && file.version() > after) {
                named.add(file.version(), commit(log, file));
            } else if (file.kind() == Kind.COMMIT) {
                named.alsoNamed(commit(log, file));
            }
        }
        if (!checkpoints.isEmpty()) {
            // Where the log has a gap, what came within it is only here.
            reader.read(checkpoints.get(checkpoints.size() - 1), named::alsoNamed);
        }
        named.live.values().forEach(vector -> vector.ifPresent(named.liveVectors::add));
        return named;
    }

    private static DeltaCommit commit(DeltaLogFiles log, LogFile file) throws MirrorHaltException {
        CommitContent content = log.content(file.version())
                .orElseThrow(() -> MirrorHaltException.waiting(file.info().uri() + " was listed and is gone"));
        if (content instanceof CommitContent.Actions actions) {
            return actions.commit();
        }
        throw MirrorHaltException.waiting(
                file.info().uri() + " can't be read: " + ((CommitContent.Refused) content).detail());
    }

    private void add(long version, DeltaCommit commit) {
        for (String path : commit.removes()) {
            end(path, version);
        }
        for (DataFile add : commit.adds()) {
            end(add.path(), version);
            live.put(add.path(), add.deletionVector().map(DeletionVector::path));
        }
        for (DataFile change : commit.changes()) {
            ended.put(change.path(), version + 1);
        }
    }

    private void end(String path, long version) {
        Optional<String> vector = live.remove(path);
        if (vector != null) {
            ended.put(path, version);
            vector.ifPresent(file -> ended.put(file, version));
        } else {
            ended.putIfAbsent(path, version);
        }
    }

    private void alsoNamed(DeltaCommit commit) {
        for (DataFile add : commit.adds()) {
            alsoNamed.add(add.path());
            add.deletionVector().ifPresent(vector -> alsoNamed.add(vector.path()));
        }
        alsoNamed.addAll(commit.removes());
        commit.changes().forEach(change -> alsoNamed.add(change.path()));
    }

    /** Whether any version names a file, needed or not. */
    boolean isNamed(String path) {
        return ended.containsKey(path) || isLive(path);
    }

    /** Whether no version from this one on needs a file that older ones needed. */
    boolean isOver(String path, long from) {
        Long end = ended.get(path);
        return end != null && end <= from && !isLive(path);
    }

    private boolean isLive(String path) {
        return live.containsKey(path) || liveVectors.contains(path) || alsoNamed.contains(path);
    }
}
