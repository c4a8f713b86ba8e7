package io.breakwater.replicator.delta;

import io.breakwater.region.LogFile;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.ReplicaNotes;
import io.breakwater.region.VersionTimes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Moves the log of a replica aside, for another table that takes its place: each file is copied below
 * {@link ReplicaNotes} and compared before it is taken away. The data files stay where they are, so that the old table
 * can be had back. The newest files go first: until the last one has gone the replica reads as an older version.
 */
final class ReplicaAside {

    private final MirroredTable table;

    ReplicaAside(MirroredTable table) {
        this.table = table;
    }

    /** @param id of the table whose replica it was */
    void move(String id) throws MirrorHaltException {
        List<ObjectUri> files = new ArrayList<>();
        files.add(table.target().lastCheckpointFile());
        List<LogFile> listed = new ArrayList<>(table.target().listFrom(0));
        // Of one version the checkpoint goes first: without it the version is read from the commits before it.
        listed.sort(Comparator.comparingLong(LogFile::version)
                .thenComparing(file -> file.kind() == LogFile.Kind.COMMIT ? 0 : 1)
                .reversed());
        listed.forEach(file -> files.add(file.info().uri()));
        for (ObjectUri file : files) {
            Optional<byte[]> bytes = table.targetStore().get(file);
            if (bytes.isPresent()) {
                keep(id, file, bytes.get());
            }
        }
        for (ObjectUri file : files) {
            table.targetStore().delete(file);
        }
        new VersionTimes(table.targetStore(), table.target().table()).clear();
        VersionTimes.ofHeld(table.targetStore(), table.target().table()).clear();
    }

    private void keep(String id, ObjectUri file, byte[] bytes) throws MirrorHaltException {
        String name = file.key().substring(file.key().lastIndexOf('/') + 1);
        ObjectUri kept = ReplicaNotes.of(table.target().table(), "aside/" + id + "/_delta_log/" + name);
        table.targetStore().put(kept, bytes);
        if (table.targetStore()
                .head(kept)
                .filter(info -> info.size() == bytes.length)
                .isEmpty()) {
            throw MirrorHaltException.waiting(kept + " did not arrive");
        }
    }
}
