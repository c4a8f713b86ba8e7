package io.breakwater.local.journal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What the journals of a folder hold, each in the order of writing. */
public record Journals(
        List<Entry.Acknowledged> acknowledged,
        List<Entry.Processed> processed,
        List<Entry.Committed> committed,
        List<Entry.Started> started,
        List<Entry.TableCommit> tableCommits,
        List<Entry.JobCheckpoint> jobCheckpoints) {

    /** Reads them, also while they are written: a last line without an end is left out, a missing file is empty. */
    public static Journals read(Path folder) {
        return new Journals(
                read(folder, Entry.Kind.ACKNOWLEDGED, Entry.Acknowledged.class),
                read(folder, Entry.Kind.PROCESSED, Entry.Processed.class),
                read(folder, Entry.Kind.COMMITTED, Entry.Committed.class),
                read(folder, Entry.Kind.STARTED, Entry.Started.class),
                read(folder, Entry.Kind.TABLE_COMMIT, Entry.TableCommit.class),
                read(folder, Entry.Kind.JOB_CHECKPOINT, Entry.JobCheckpoint.class));
    }

    private static <T extends Entry> List<T> read(Path folder, Entry.Kind kind, Class<T> type) {
        Path file = folder.resolve(kind.file());
        if (!Files.exists(file)) {
            return List.of();
        }
        try {
            String text = Files.readString(file, StandardCharsets.UTF_8);
            return text.substring(0, text.lastIndexOf('\n') + 1)
                    .lines()
                    .map(line -> type.cast(kind.parse(line)))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("journal " + file + " cannot be read", e);
        }
    }
}
