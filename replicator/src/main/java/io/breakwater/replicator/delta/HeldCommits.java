package io.breakwater.replicator.delta;

import io.breakwater.region.LogFile;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStore.ObjectInfo;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.ReplicaNotes;
import io.breakwater.region.VersionTimes;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The commits that a delay holds back, kept beside the replica: also a source that is lost meanwhile loses none of them. */
final class HeldCommits {

    private static final String FOLDER = "held/";

    private final ObjectStore store;
    private final ObjectUri table;
    private final VersionTimes times;

    /** @param table root of the replica */
    HeldCommits(ObjectStore store, ObjectUri table) {
        this.store = store;
        this.table = table;
        this.times = VersionTimes.ofHeld(store, table);
    }

    Optional<byte[]> get(long version) {
        return store.get(note(version));
    }

    /** As {@link #get}, read as a commit with the time that it had at its source. */
    Optional<RawCommit> commit(long version) throws MirrorHaltException {
        Optional<ObjectInfo> info = store.head(note(version));
        Optional<byte[]> bytes = get(version);
        if (info.isEmpty() || bytes.isEmpty()) {
            return Optional.empty();
        }
        Instant committed = times.of(version).orElse(info.get().lastModified());
        ObjectInfo original =
                new ObjectInfo(info.get().uri(), info.get().size(), info.get().etag(), committed);
        return Optional.of(RawCommit.of(new LogFile(LogFile.Kind.COMMIT, version, 1, 1, original), bytes.get()));
    }

    /** Its time first: whoever finds the commit finds its time. */
    void put(RawCommit commit) {
        times.add(new TreeMap<>(Map.of(commit.version(), commit.readersTime())));
        store.put(note(commit.version()), commit.bytes());
    }

    void remove(long version) {
        store.delete(note(version));
    }

    /** Ascending. */
    List<Long> versions() {
        return store.list(ReplicaNotes.of(table, FOLDER)).stream()
                .map(info -> info.uri().key())
                .filter(key -> key.endsWith(".json"))
                .map(key -> Long.parseLong(key.substring(key.lastIndexOf('/') + 1, key.length() - ".json".length())))
                .toList();
    }

    ObjectUri note(long version) {
        return ReplicaNotes.of(table, FOLDER + String.format(Locale.ROOT, "%020d.json", version));
    }
}
