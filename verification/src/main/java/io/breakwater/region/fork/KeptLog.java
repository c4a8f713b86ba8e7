package io.breakwater.region.fork;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.Json;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.ReplicaNotes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What was moved aside of a table's log, as its manifest says: the file {@value #NAME} beside the files.
 *
 * @param formatVersion of the manifest: {@link #FORMAT_VERSION}
 * @param epoch that began with the promotion of the other region
 * @param table the root of the table
 * @param ancestor the last version that both regions have
 * @param keptAt when the first of the files was kept
 */
public record KeptLog(
        int formatVersion, Epoch epoch, ObjectUri table, long ancestor, Instant keptAt, List<File> files) {

    public static final int FORMAT_VERSION = 1;
    public static final String NAME = "manifest.json";

    /** Folder of what is kept of epochs, below {@link ReplicaNotes}; others are of tables that were made anew. */
    public static final String FOLDER = "aside/epoch-";

    /**
     * A log file.
     *
     * @param name in the log's folder
     * @param at where it is kept
     * @param size in bytes
     * @param modified when it was written in the log
     */
    public record File(String name, ObjectUri at, long size, Instant modified) {}

    public KeptLog {
        files = List.copyOf(files);
    }

    static KeptLog none(Epoch epoch, ObjectUri table, long ancestor, Instant now) {
        return new KeptLog(FORMAT_VERSION, epoch, table, ancestor, now, List.of());
    }

    /** Where what a table loses in an epoch is kept. */
    public static ObjectUri folder(ObjectUri table, Epoch epoch) {
        return ReplicaNotes.of(table, FOLDER + epoch);
    }

    /** @throws IllegalStateException if the manifest is of another form */
    public static Optional<KeptLog> read(ObjectStore store, ObjectUri table, Epoch epoch) {
        ObjectUri at = folder(table, epoch).resolve(NAME);
        return store.get(at).map(bytes -> parse(bytes, at));
    }

    static KeptLog parse(byte[] bytes, ObjectUri at) {
        try {
            KeptLog kept = Json.MAPPER.readValue(bytes, KeptLog.class);
            if (kept.formatVersion() != FORMAT_VERSION) {
                throw new IllegalStateException(at + ": of version " + kept.formatVersion()
                        + "; this release knows version " + FORMAT_VERSION + ": use the release that made it");
            }
            return kept;
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(at + ": not the manifest of a log moved aside: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    KeptLog with(List<File> more) {
        List<File> all = new ArrayList<>(files);
        all.addAll(more);
        return new KeptLog(formatVersion, epoch, table, ancestor, keptAt, all);
    }

    boolean has(ObjectUri at) {
        return files.stream().anyMatch(file -> file.at().equals(at));
    }

    void write(ObjectStore store) {
        try {
            store.put(
                    folder(table, epoch).resolve(NAME),
                    Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(this));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The commits, in the order of their versions. */
    public List<File> commits() {
        return files.stream()
                .filter(file -> file.name().matches("\\d{20}\\.json"))
                .sorted((a, b) -> a.name().compareTo(b.name()))
                .toList();
    }
}
