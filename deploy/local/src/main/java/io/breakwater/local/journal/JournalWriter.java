package io.breakwater.local.journal;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumMap;
import java.util.Map;

/** Appends entries to the journals of a folder. Thread-safe; written out by {@link #flush} and {@link #close}. */
public final class JournalWriter implements AutoCloseable {

    private final Map<Entry.Kind, BufferedWriter> files = new EnumMap<>(Entry.Kind.class);
    private final Map<Entry.Kind, Long> counts = new EnumMap<>(Entry.Kind.class);

    /** Creates the folder if there is none; what its journals hold already stays. */
    public JournalWriter(Path folder) {
        try {
            Files.createDirectories(folder);
            for (Entry.Kind kind : Entry.Kind.values()) {
                files.put(
                        kind,
                        Files.newBufferedWriter(
                                folder.resolve(kind.file()),
                                StandardCharsets.UTF_8,
                                StandardOpenOption.CREATE,
                                StandardOpenOption.APPEND));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("journals in " + folder + " cannot be opened", e);
        }
    }

    public synchronized void append(Entry entry) {
        try {
            BufferedWriter file = files.get(entry.kind());
            if (file == null) {
                throw new IllegalStateException("no journal of " + entry.kind());
            }
            file.write(entry.toLine());
            file.write('\n');
            counts.merge(entry.kind(), 1L, Long::sum);
        } catch (IOException e) {
            throw new UncheckedIOException("journal of " + entry.kind() + " cannot be written", e);
        }
    }

    /** How many entries of a kind this writer appended. */
    public synchronized long count(Entry.Kind kind) {
        return counts.getOrDefault(kind, 0L);
    }

    public synchronized void flush() {
        try {
            for (BufferedWriter file : files.values()) {
                file.flush();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("journals cannot be written", e);
        }
    }

    @Override
    public synchronized void close() {
        try {
            for (BufferedWriter file : files.values()) {
                file.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("journals cannot be written", e);
        }
    }
}
