package io.breakwater.replicator.flink.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.breakwater.platform.Json;
import io.breakwater.region.ObjectStore.ObjectInfo;
import io.breakwater.region.ObjectUri;
import io.breakwater.replicator.flink.snapshot.SnapshotFile;
import io.breakwater.replicator.kafka.cli.NotDoneException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The files of a snapshot that these commands have written, as they arrived; kept beside its {@code _metadata}. Flink
 * does not look at it.
 *
 * @param source where the snapshot came from
 */
record SnapshotFiles(String source, List<Arrived> files) {

    /** The object's name in the directory of the snapshot. */
    static final String NAME = "breakwater-files.json";

    private static final String MD5 = "[0-9a-f]{32}";

    /**
     * @param size in bytes
     * @param md5 empty where the store gave no such tag
     */
    record Arrived(String name, long size, Optional<String> md5) {}

    static Optional<String> md5(ObjectInfo object) {
        return Optional.of(object.etag()).filter(tag -> tag.matches(MD5));
    }

    static Optional<SnapshotFiles> read(SnapshotPlace place) {
        return place.store().get(place.directory().resolve(NAME)).map(json -> {
            try {
                return Json.MAPPER.readValue(json, SnapshotFiles.class);
            } catch (IOException e) {
                throw new NotDoneException(place.url() + "/" + NAME + ": not as it was written: " + e.getMessage());
            }
        });
    }

    byte[] toJson() {
        try {
            return Json.MAPPER.writeValueAsBytes(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What is wrong with each file, for people; nothing if all are there as they should be. */
    static List<String> problems(SnapshotPlace place, List<SnapshotFile> files) {
        Optional<SnapshotFiles> known = read(place);
        return files.stream().flatMap(file -> problem(place, file, known)).toList();
    }

    private static Stream<String> problem(SnapshotPlace place, SnapshotFile file, Optional<SnapshotFiles> known) {
        String path = place.paths().path(file.source());
        Optional<ObjectInfo> there = place.store().head(file.source());
        if (there.isEmpty()) {
            return Stream.of("missing: " + path + " (" + file.size() + " bytes)");
        }
        long size = there.get().size();
        if (!file.fits(size, place.store()::get)) {
            return Stream.of("wrong size: " + path + " has " + size + " bytes, the metadata says " + announced(file));
        }
        Optional<String> expected = known.stream()
                .flatMap(all -> all.files().stream())
                .filter(arrived -> isNamed(place, arrived, file.source()))
                .flatMap(arrived -> arrived.md5().stream())
                .findFirst();
        Optional<String> found = md5(there.get());
        return expected.isPresent() && found.isPresent() && !found.equals(expected)
                ? Stream.of("changed: " + path + " has MD5 " + found.get() + ", it was written with " + expected.get())
                : Stream.empty();
    }

    private static String announced(SnapshotFile file) {
        return switch (file.extent()) {
            case WHOLE -> String.valueOf(file.size());
            case SEGMENTS -> "at least " + file.size();
            case CHANGES -> file.size() + " bytes of changes after the first one, which says if they are compressed";
        };
    }

    private static boolean isNamed(SnapshotPlace place, Arrived arrived, ObjectUri object) {
        return place.directory().resolve(arrived.name()).equals(object);
    }
}
