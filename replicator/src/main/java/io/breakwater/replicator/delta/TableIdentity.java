package io.breakwater.replicator.delta;

import io.breakwater.region.CommitContent;
import io.breakwater.region.DeltaCommit.Metadata;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.LogFile;
import io.breakwater.region.LogFile.Kind;
import io.breakwater.region.ObjectStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Which table a log is of: the id that its newest {@code metaData} has. */
final class TableIdentity {

    private TableIdentity() {}

    /** @return empty if there is no log, or none that says so */
    static Optional<String> of(ObjectStore store, DeltaLogFiles log) throws MirrorHaltException, InterruptedException {
        return metadata(store, log).map(Metadata::id).filter(found -> !found.isEmpty());
    }

    /** The newest {@code metaData}; empty if there is no log, or none that has one. */
    static Optional<Metadata> metadata(ObjectStore store, DeltaLogFiles log)
            throws MirrorHaltException, InterruptedException {
        List<LogFile> listed = log.listFrom(0);
        Optional<Checkpoint> base = Checkpoint.among(listed).stream().reduce((older, newer) -> newer);
        Optional<Metadata> since =
                committed(log, listed, base.map(Checkpoint::version).orElse(-1L));
        if (since.isPresent() || base.isEmpty()) {
            return since;
        }
        CheckpointReader reader = new CheckpointReader(store, log);
        try {
            return metadata(reader, base.get());
        } catch (MirrorHaltException e) {
            if (!e.isCheckpointBroken()) {
                throw e;
            }
        }
        long newest = listed.get(listed.size() - 1).version();
        Optional<ReadableCheckpoint<Optional<Metadata>>> older =
                ReadableCheckpoint.newest(listed, newest, checkpoint -> metadata(reader, checkpoint));
        return committed(log, listed, older.map(it -> it.checkpoint().version()).orElse(-1L))
                .or(() -> older.flatMap(ReadableCheckpoint::content));
    }

    /** The newest one in the commits after a version. */
    private static Optional<Metadata> committed(DeltaLogFiles log, List<LogFile> listed, long after) {
        for (int i = listed.size() - 1; i >= 0; i--) {
            LogFile file = listed.get(i);
            if (file.kind() == Kind.COMMIT && file.version() > after) {
                Optional<Metadata> found = log.content(file.version()).flatMap(TableIdentity::metadata);
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<Metadata> metadata(CheckpointReader reader, Checkpoint checkpoint)
            throws MirrorHaltException, InterruptedException {
        List<Metadata> found = new ArrayList<>();
        reader.read(checkpoint, actions -> actions.metadata().ifPresent(found::add));
        return found.stream().findFirst();
    }

    private static Optional<Metadata> metadata(CommitContent content) {
        return content instanceof CommitContent.Actions actions
                ? actions.commit().metadata()
                : Optional.empty();
    }
}
