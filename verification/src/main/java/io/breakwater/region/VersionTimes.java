package io.breakwater.region;

import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.platform.Json;
import io.breakwater.region.ObjectStore.ObjectInfo;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * When each version of a table was committed at its source, kept with the replica. A table without in-commit timestamps
 * has its times in the modification times of its log's objects, and those of a copy say only when it was copied: "as of"
 * a time is looked up here instead.
 *
 * <p>Kept as objects of at most {@value #VERSIONS_PER_OBJECT} lines below {@link ReplicaNotes}, each line a JSON object
 * {@code {"version":12,"time":1700000000000}} with the time in milliseconds since 1970. Writing a version costs one
 * such object, whatever the table's age. One writer, the table's mirror; any number of readers. Fails with {@link
 * ObjectStoreException}.
 */
public final class VersionTimes {

    private static final int VERSIONS_PER_OBJECT = 1000;
    private static final String FOLDER = "times/";
    private static final String HELD = "held-times/";

    private final ObjectStore store;
    private final ObjectUri table;
    private final String folder;

    /** @param table the root of the replica */
    public VersionTimes(ObjectStore store, ObjectUri table) {
        this(store, table, FOLDER);
    }

    private VersionTimes(ObjectStore store, ObjectUri table, String folder) {
        this.store = store;
        this.table = table;
        this.folder = folder;
    }

    /** Of the versions that a delay holds back: nobody finds them "as of" a time yet. */
    public static VersionTimes ofHeld(ObjectStore store, ObjectUri table) {
        return new VersionTimes(store, table, HELD);
    }

    /**
     * Adds versions; those that are there already keep their times.
     *
     * @param times as a reader at the source has them: in-commit timestamps, else modification times
     */
    public void add(NavigableMap<Long, Instant> times) {
        Map<Long, NavigableMap<Long, Instant>> byObject = new TreeMap<>();
        times.forEach((version, time) -> byObject.computeIfAbsent(version / VERSIONS_PER_OBJECT, n -> new TreeMap<>())
                .put(version, time));
        byObject.forEach((number, added) -> {
            ObjectUri object = object(number);
            NavigableMap<Long, Instant> known = read(object);
            if (!known.keySet().containsAll(added.keySet())) {
                added.forEach(known::putIfAbsent);
                store.put(object, lines(known).getBytes(StandardCharsets.UTF_8));
            }
        });
    }

    /** Forgets all: for a replica of another table. */
    public void clear() {
        objects().forEach(info -> store.delete(info.uri()));
    }

    /** The newest version whose time is known. */
    public OptionalLong newest() {
        List<ObjectInfo> objects = objects();
        NavigableMap<Long, Instant> last = objects.isEmpty()
                ? new TreeMap<>()
                : read(objects.get(objects.size() - 1).uri());
        return last.isEmpty() ? OptionalLong.empty() : OptionalLong.of(last.lastKey());
    }

    /** The time of a version; empty if it was not carried. */
    public Optional<Instant> of(long version) {
        return Optional.ofNullable(read(object(version / VERSIONS_PER_OBJECT)).get(version));
    }

    /**
     * The newest version that a reader at the source had at a time. As in Delta itself a version counts as at least a
     * millisecond later than the one before it, whatever its writer's clock said.
     *
     * @return empty if the time is before the oldest version that was carried
     */
    public OptionalLong asOf(Instant time) {
        OptionalLong found = OptionalLong.empty();
        for (Map.Entry<Long, Instant> version : all().entrySet()) {
            if (version.getValue().isAfter(time)) {
                break;
            }
            found = OptionalLong.of(version.getKey());
        }
        return found;
    }

    /** All versions that were carried, with times that ascend. */
    public NavigableMap<Long, Instant> all() {
        NavigableMap<Long, Instant> all = new TreeMap<>();
        for (ObjectInfo object : objects()) {
            read(object.uri()).forEach((version, time) -> {
                Instant least =
                        all.isEmpty() ? time : all.lastEntry().getValue().plusMillis(1);
                all.put(version, time.isBefore(least) ? least : time);
            });
        }
        return all;
    }

    private List<ObjectInfo> objects() {
        return store.list(ReplicaNotes.of(table, folder));
    }

    private ObjectUri object(long number) {
        // Names sort as their versions do.
        return ReplicaNotes.of(table, folder + String.format(Locale.ROOT, "%020d.jsonl", number * VERSIONS_PER_OBJECT));
    }

    private NavigableMap<Long, Instant> read(ObjectUri object) {
        NavigableMap<Long, Instant> times = new TreeMap<>();
        byte[] bytes = store.get(object).orElse(new byte[0]);
        for (String line : new String(bytes, StandardCharsets.UTF_8).lines().toList()) {
            try {
                JsonNode entry = Json.MAPPER.readTree(line);
                times.put(
                        entry.required("version").asLong(),
                        Instant.ofEpochMilli(entry.required("time").asLong()));
            } catch (IOException | IllegalArgumentException e) {
                throw new UnreadableNoteException(object, "and later versions are listed anew", e);
            }
        }
        return times;
    }

    private static String lines(NavigableMap<Long, Instant> times) {
        return times.entrySet().stream()
                .map(entry -> "{\"version\":" + entry.getKey() + ",\"time\":"
                        + entry.getValue().toEpochMilli() + "}\n")
                .collect(Collectors.joining());
    }
}
