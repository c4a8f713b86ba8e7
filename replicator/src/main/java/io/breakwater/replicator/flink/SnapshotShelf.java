package io.breakwater.replicator.flink;

import io.breakwater.platform.Json;
import io.breakwater.platform.ReceivedSnapshots;
import io.breakwater.platform.ReplicaPosition;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStore.ObjectInfo;
import io.breakwater.region.ObjectUri;
import io.breakwater.replicator.flink.snapshot.Snapshot;
import io.breakwater.replicator.flink.snapshot.SnapshotFile;
import io.breakwater.replicator.flink.snapshot.SnapshotLayout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The snapshots of one job in one store: a directory each, complete from the moment its {@code _metadata} is there.
 * A restorable one also holds {@link #POSITION}, so that it can be announced again after a restart. For one thread.
 */
final class SnapshotShelf {

    /** The snapshot's replica position as JSON; put before {@code _metadata}. */
    static final String POSITION = "breakwater-position.json";

    /** The directory of files that several snapshots refer to. */
    private static final String SHARED = "shared";

    private final ObjectStore store;
    private final ObjectUri directory;

    /** @param directory of all the job's snapshots */
    SnapshotShelf(ObjectStore store, ObjectUri directory) {
        this.store = store;
        this.directory = directory;
    }

    ObjectUri directory() {
        return directory;
    }

    /** @param sharing whether it has files in common with others of this shelf */
    SnapshotLayout layout(String snapshotId, boolean sharing) {
        return new SnapshotLayout(
                directory.resolve(snapshotId), sharing ? Optional.of(directory.resolve(SHARED)) : Optional.empty());
    }

    /** Puts what makes the snapshot restorable, after all its files. */
    void publish(ObjectUri place, ReplicaPosition position, byte[] metadata) {
        store.put(place.resolve(POSITION), json(position));
        store.put(place.resolve(Snapshot.METADATA), metadata);
    }

    /** The positions of the restorable snapshots, oldest first. */
    List<ReplicaPosition> published() {
        List<ReplicaPosition> positions = new ArrayList<>();
        for (List<ObjectInfo> snapshot : snapshots().values()) {
            if (completed(snapshot).isPresent()) {
                snapshot.stream()
                        .filter(object -> object.uri().key().endsWith("/" + POSITION))
                        .findFirst()
                        .flatMap(object -> store.get(object.uri()))
                        .ifPresent(json -> positions.add(position(json)));
            }
        }
        positions.sort(Comparator.comparing(ReplicaPosition::sourceTime));
        return positions;
    }

    /**
     * Deletes all but the newest complete snapshots and those that somebody holds, what is left of incomplete ones, and the
     * shared files that none of those that stay refers to. Not to be called while a snapshot is on its way here.
     */
    void keepNewest(int count, Instant now) throws SnapshotAbandonedException {
        Map<String, List<ObjectInfo>> snapshots = snapshots();
        List<String> complete = snapshots.entrySet().stream()
                .filter(snapshot -> completed(snapshot.getValue()).isPresent())
                .sorted(Comparator.comparing((Map.Entry<String, List<ObjectInfo>> snapshot) ->
                                completed(snapshot.getValue()).orElse(Instant.EPOCH))
                        .thenComparing(Map.Entry::getKey)
                        .reversed())
                .map(Map.Entry::getKey)
                .toList();
        Set<String> kept = new TreeSet<>(complete.subList(0, Math.min(count, complete.size())));
        complete.stream()
                .filter(id -> isHeld(snapshots.getOrDefault(id, List.of()), now))
                .forEach(kept::add);
        snapshots.keySet().removeAll(kept);
        snapshots.values().forEach(this::delete);
        List<ObjectInfo> shared = store.list(directory.resolve(SHARED).resolve(""));
        if (!shared.isEmpty()) {
            Set<ObjectUri> needed = new HashSet<>();
            for (String id : kept) {
                needed.addAll(references(directory.resolve(id)));
            }
            shared.stream()
                    .map(ObjectInfo::uri)
                    .filter(uri -> !needed.contains(uri))
                    .forEach(store::delete);
        }
    }

    private List<ObjectUri> references(ObjectUri snapshot) throws SnapshotAbandonedException {
        byte[] metadata = store.get(snapshot.resolve(Snapshot.METADATA))
                .orElseThrow(() -> new SnapshotAbandonedException(
                        "snapshot " + snapshot + " has lost its metadata; nothing shared is deleted"));
        return Snapshot.open(snapshot, metadata, store::get).files().stream()
                .map(SnapshotFile::source)
                .toList();
    }

    private void delete(List<ObjectInfo> snapshot) {
        // The metadata first: what is half deleted must not look restorable.
        snapshot.stream()
                .map(ObjectInfo::uri)
                .sorted(Comparator.comparing(uri -> !uri.key().endsWith("/" + Snapshot.METADATA)))
                .forEach(store::delete);
    }

    private static boolean isHeld(List<ObjectInfo> snapshot, Instant now) {
        Instant since = now.minus(ReceivedSnapshots.HOLD);
        return snapshot.stream()
                .anyMatch(object -> object.uri().key().contains("/" + ReceivedSnapshots.HELD)
                        && object.lastModified().isAfter(since));
    }

    private static Optional<Instant> completed(List<ObjectInfo> snapshot) {
        return snapshot.stream()
                .filter(object -> object.uri().key().endsWith("/" + Snapshot.METADATA))
                .map(ObjectInfo::lastModified)
                .findFirst();
    }

    /** The objects of each snapshot, by the name of its directory. */
    private Map<String, List<ObjectInfo>> snapshots() {
        String prefix = directory.key() + "/";
        Map<String, List<ObjectInfo>> snapshots = new TreeMap<>();
        for (ObjectInfo object : store.list(new ObjectUri(directory.bucket(), prefix))) {
            String below = object.uri().key().substring(prefix.length());
            int slash = below.indexOf('/');
            if (slash > 0 && !below.startsWith(SHARED + "/")) {
                snapshots
                        .computeIfAbsent(below.substring(0, slash), name -> new ArrayList<>())
                        .add(object);
            }
        }
        return snapshots;
    }

    private static byte[] json(ReplicaPosition position) {
        try {
            return Json.MAPPER.writeValueAsBytes(position);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ReplicaPosition position(byte[] json) {
        try {
            return Json.MAPPER.readValue(json, ReplicaPosition.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
