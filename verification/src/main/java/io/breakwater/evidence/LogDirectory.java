package io.breakwater.evidence;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A local directory that one process writes a log to; a lock file keeps others out. Not thread-safe.
 *
 * <p>Invariant: under a final name there is never a half-written file. A file is written and synced under a name with a
 * dot, renamed, and then its directory is synced.
 */
final class LogDirectory implements LogStorage {

    private static final String LOCK = ".lock";

    private final Path directory;
    private final DirectoryFiles files;
    private final FileChannel lock;

    /** @throws EvidenceException (LOCKED) if another process has it open */
    LogDirectory(Path directory) {
        this.directory = directory;
        this.files = new DirectoryFiles(directory);
        try {
            Files.createDirectories(directory);
            lock = FileChannel.open(directory.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (!locked()) {
                lock.close();
                throw new EvidenceException(
                        EvidenceException.Reason.LOCKED, directory + ": another process has this evidence log open");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean locked() throws IOException {
        try {
            return lock.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            // Held by this same process.
            return false;
        }
    }

    @Override
    public Optional<byte[]> read(String path) {
        return files.read(path);
    }

    @Override
    public List<String> list() {
        return files.list();
    }

    @Override
    public void write(String path, byte[] bytes) {
        Path file = directory.resolve(path);
        Path folder = Objects.requireNonNull(file.getParent());
        Path unfinished = folder.resolve("." + file.getFileName() + ".unfinished");
        try {
            createDirectories(folder);
            try (FileChannel out = FileChannel.open(
                    unfinished,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.TRUNCATE_EXISTING)) {
                ByteBuffer rest = ByteBuffer.wrap(bytes);
                while (rest.hasRemaining()) {
                    out.write(rest);
                }
                out.force(true);
            }
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            sync(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void createDirectories(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            Path parent = Objects.requireNonNull(folder.getParent());
            createDirectories(parent);
            Files.createDirectories(folder);
            sync(parent);
        }
    }

    private static void sync(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder)) {
            channel.force(true);
        }
    }

    @Override
    public void delete(String path) {
        try {
            Files.deleteIfExists(directory.resolve(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return directory.toString();
    }
}
