package io.breakwater.replicator.delta;

import io.breakwater.region.CommitContent;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.LogFile;
import io.breakwater.region.LogFile.Kind;
import io.breakwater.region.ObjectStore;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Reads the transactions of a table as they stand at a version: the newest checkpoint before it, then the commits. */
final class TableInputs {

    private final DeltaLogFiles log;
    private final CheckpointReader checkpoints;

    TableInputs(ObjectStore store, DeltaLogFiles log) {
        this.log = log;
        this.checkpoints = new CheckpointReader(store, log);
    }

    WriterInputs at(long version) throws MirrorHaltException, InterruptedException {
        OptionalLong hint = log.lastCheckpointVersion();
        List<LogFile> listed = log.listFrom(hint.isPresent() && hint.getAsLong() <= version ? hint.getAsLong() : 0);
        Optional<ReadableCheckpoint<WriterInputs>> base;
        try {
            base = ReadableCheckpoint.newest(listed, version, this::at);
        } catch (MirrorHaltException e) {
            if (!e.isCheckpointBroken()) {
                throw e;
            }
            listed = log.listFrom(0);
            base = ReadableCheckpoint.newest(listed, version, this::at);
        }
        WriterInputs inputs = base.map(ReadableCheckpoint::content).orElse(WriterInputs.NONE);
        long after = base.map(found -> found.checkpoint().version()).orElse(-1L);
        for (LogFile file : listed) {
            if (file.kind() == Kind.COMMIT && file.version() > after && file.version() <= version) {
                inputs = with(inputs, file);
            }
        }
        return inputs;
    }

    WriterInputs at(Checkpoint checkpoint) throws MirrorHaltException, InterruptedException {
        WriterInputs[] inputs = {WriterInputs.NONE};
        checkpoints.read(checkpoint, actions -> inputs[0] = inputs[0].with(actions.txns()));
        return inputs[0];
    }

    private WriterInputs with(WriterInputs inputs, LogFile file) throws MirrorHaltException {
        CommitContent content = log.content(file.version())
                .orElseThrow(() -> MirrorHaltException.waiting(file.info().uri() + " was listed and is gone"));
        if (content instanceof CommitContent.Actions actions) {
            return inputs.with(actions.commit().txns());
        }
        throw MirrorHaltException.stopped(
                file.info().uri() + " can't be read: " + ((CommitContent.Refused) content).detail());
    }
}
