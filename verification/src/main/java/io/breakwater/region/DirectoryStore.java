package io.breakwater.region;

import io.breakwater.region.ObjectStoreException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * {@link ObjectStore} in a folder of a file system: one bucket, whose keys are paths below the folder. What is written
 * goes to a file of its own in {@value #UNFINISHED} first, is forced to the disk, and appears under its name at once and
 * whole: a process that is killed leaves no half object. A conditional put is a hard link, of which a file system makes
 * only one under a name; one without hard links is refused.
 *
 * <p>The tag of {@link #head} and of puts is the MD5 of the bytes; listings and streams, which would have to read
 * every file for it, give one made of size and time, equal as long as these are. Symbolic links to folders are not
 * followed by listings.
 */
public final class DirectoryStore implements ObjectStore {

    /** Where files are while they are written; what a killed process left there goes after a day. */
    public static final String UNFINISHED = ".breakwater-unfinished";

    private static final Duration LEFT_OVER = Duration.ofDays(1);

    private final Path folder;
    private final String bucket;
    private final FileTags tags = new FileTags();
    private final AtomicBoolean tidied = new AtomicBoolean();

    /**
     * @param folder need not be there before something is written
     * @param bucket the name by which {@link ObjectUri} means the folder
     */
    public DirectoryStore(Path folder, String bucket) {
        this.folder = folder.toAbsolutePath().normalize();
        this.bucket = bucket;
    }

    public Path folder() {
        return folder;
    }

    /** A folder in which files can be made that are to become objects. */
    public Path unfinished() {
        Path unfinished = folder.resolve(UNFINISHED);
        try {
            Files.createDirectories(unfinished);
            if (tidied.compareAndSet(false, true)) {
                tidy(unfinished);
            }
        } catch (IOException e) {
            throw failure("make", unfinished.toString(), e);
        }
        return unfinished;
    }

    private static void tidy(Path unfinished) throws IOException {
        List<Path> files;
        try (var all = Files.list(unfinished)) {
            files = all.toList();
        }
        long youngest = Instant.now().minus(LEFT_OVER).toEpochMilli();
        for (Path file : files) {
            // Of a file that another process has finished meanwhile it is 0, and nothing is deleted.
            if (file.toFile().lastModified() < youngest) {
                Files.deleteIfExists(file);
            }
        }
    }

    @Override
    public Optional<ObjectInfo> head(ObjectUri uri) {
        Path file = file(uri);
        return unlessAbsent("head", uri, file, () -> {
            BasicFileAttributes attributes = attributes(file);
            return info(uri, attributes, tags.md5(file, attributes));
        });
    }

    @Override
    public Optional<byte[]> get(ObjectUri uri) {
        Path file = file(uri);
        return unlessAbsent("get", uri, file, () -> {
            attributes(file);
            return Files.readAllBytes(file);
        });
    }

    @Override
    public Optional<byte[]> get(ObjectUri uri, long offset, int length) {
        Path file = file(uri);
        return unlessAbsent("get", uri, file, () -> {
            attributes(file);
            try (InputStream in = range(file, offset, length)) {
                return in.readAllBytes();
            }
        });
    }

    @Override
    public Optional<ObjectStream> open(ObjectUri uri) {
        Path file = file(uri);
        return unlessAbsent("get", uri, file, () -> {
            BasicFileAttributes attributes = attributes(file);
            return new ObjectStream(info(uri, attributes, FileTags.cheap(attributes)), Files.newInputStream(file));
        });
    }

    /** A part of a file; the caller closes it. */
    ObjectStream open(ObjectInfo object, long offset, long length) {
        Path file = file(object.uri());
        return unlessAbsent("get", object.uri(), file, () -> {
                    BasicFileAttributes attributes = attributes(file);
                    if (attributes.size() != object.size()
                            || !attributes.lastModifiedTime().toInstant().equals(object.lastModified())) {
                        throw new IOException("it has changed");
                    }
                    return new ObjectStream(object, range(file, offset, length));
                })
                .orElseThrow(
                        () -> new ObjectStoreException(Reason.REFUSED, "get " + object.uri() + ": it is gone", null));
    }

    private static InputStream range(Path file, long offset, long length) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        return new FileRange(channel, offset, length);
    }

    @Override
    public String put(ObjectUri uri, byte[] bytes) {
        return put(uri, ByteBuffer.wrap(bytes), false).orElseThrow();
    }

    @Override
    public String put(ObjectUri uri, Path source) {
        return written("put", uri, unfinished -> {
                    try (InputStream in = Files.newInputStream(source)) {
                        Files.copy(in, unfinished);
                    }
                    return FileTags.md5(unfinished);
                })
                .replacing();
    }

    @Override
    public PutOutcome putIfAbsent(ObjectUri uri, byte[] bytes) {
        return put(uri, ByteBuffer.wrap(bytes), true).isPresent() ? PutOutcome.CREATED : PutOutcome.EXISTS;
    }

    /** @return the tag; empty if something stood there and that was not to be */
    Optional<String> put(ObjectUri uri, ByteBuffer bytes, boolean onlyIfAbsent) {
        UnfinishedFile made = written(onlyIfAbsent ? "put if absent" : "put", uri, unfinished -> {
            ByteBuffer left = bytes.duplicate();
            try (FileChannel out =
                    FileChannel.open(unfinished, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                while (left.hasRemaining()) {
                    out.write(left);
                }
            }
            return FileTags.md5(bytes);
        });
        return onlyIfAbsent ? made.ifAbsent() : Optional.of(made.replacing());
    }

    @FunctionalInterface
    private interface Writing {
        /** @return the tag of what was written */
        String to(Path unfinished) throws IOException;
    }

    private UnfinishedFile written(String operation, ObjectUri uri, Writing writing) {
        Path object = file(uri);
        Path unfinished = unfinished().resolve(UUID.randomUUID().toString());
        boolean whole = false;
        try {
            String tag = writing.to(unfinished);
            try (FileChannel forced = FileChannel.open(unfinished, StandardOpenOption.WRITE)) {
                forced.force(true);
            }
            whole = true;
            return new UnfinishedFile(operation, uri, unfinished, object, tag);
        } catch (IOException e) {
            throw failure(operation, uri.toString(), e);
        } finally {
            if (!whole) {
                UnfinishedFile.remove(unfinished);
            }
        }
    }

    /** The folders that it leaves empty go with it: a key that is gone leaves nothing in a store of objects. */
    @Override
    public void delete(ObjectUri uri) {
        Path file = file(uri);
        unlessAbsent("delete", uri, file, () -> {
            attributes(file);
            Files.delete(file);
            for (Path parent = file.getParent();
                    parent != null && !parent.equals(folder);
                    parent = parent.getParent()) {
                try {
                    Files.delete(parent);
                } catch (DirectoryNotEmptyException | NoSuchFileException e) {
                    break;
                }
            }
            return file;
        });
    }

    @Override
    public List<ObjectInfo> list(ObjectUri prefix, String startAfterKey) {
        checkBucket(prefix);
        int slash = prefix.key().lastIndexOf('/');
        Path start =
                slash < 0 ? folder : file(new ObjectUri(bucket, prefix.key().substring(0, slash)));
        List<ObjectInfo> found = new ArrayList<>();
        try {
            Files.walkFileTree(start, new DirectoryListing(folder, bucket, prefix.key(), startAfterKey, found));
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw failure("list", prefix.toString(), e);
        }
        found.sort(Comparator.comparing(info -> info.uri().key()));
        return List.copyOf(found);
    }

    @Override
    public BulkTransfer bulk() {
        return new DirectoryTransfer(this);
    }

    @Override
    public void close() {
        // Nothing is kept open.
    }

    private Path file(ObjectUri uri) {
        checkBucket(uri);
        String[] segments = uri.key().split("/", -1);
        for (String segment : segments) {
            if (segment.isEmpty() || segment.equals(".") || segment.equals("..")) {
                throw new ObjectStoreException(
                        Reason.REFUSED, false, uri + ": a file's path can't have the segment '" + segment + "'", null);
            }
        }
        if (segments[0].equals(UNFINISHED)) {
            throw new ObjectStoreException(Reason.REFUSED, false, uri + ": " + UNFINISHED + " holds no objects", null);
        }
        try {
            return folder.resolve(uri.key());
        } catch (InvalidPathException e) {
            throw new ObjectStoreException(
                    Reason.REFUSED,
                    false,
                    uri + ": not possible as the name of a file here (" + e.getReason()
                            + "); if it has letters beyond ASCII, set LC_ALL=C.UTF-8",
                    e);
        }
    }

    private void checkBucket(ObjectUri uri) {
        if (!uri.bucket().equals(bucket)) {
            throw new ObjectStoreException(
                    Reason.REFUSED, false, uri + " is not in '" + bucket + "', which " + folder + " holds", null);
        }
    }

    private static BasicFileAttributes attributes(Path file) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        if (!attributes.isRegularFile()) {
            throw new NoSuchFileException(file.toString());
        }
        return attributes;
    }

    static ObjectInfo info(ObjectUri uri, BasicFileAttributes attributes, String tag) {
        return new ObjectInfo(
                uri, attributes.size(), tag, attributes.lastModifiedTime().toInstant());
    }

    @FunctionalInterface
    private interface Call<T> {
        T run() throws IOException;
    }

    private static <T> Optional<T> unlessAbsent(String operation, ObjectUri uri, Path file, Call<T> call) {
        try {
            return Optional.of(call.run());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            for (Path parent = file.getParent(); parent != null; parent = parent.getParent()) {
                if (Files.isRegularFile(parent)) {
                    return Optional.empty(); // what is below a file is not there
                }
            }
            throw failure(operation, uri.toString(), e);
        }
    }

    static ObjectStoreException failure(String operation, String subject, IOException e) {
        boolean refused = e instanceof AccessDeniedException;
        return new ObjectStoreException(
                refused ? Reason.REFUSED : Reason.UNREACHABLE,
                !refused,
                operation + " " + subject + ": " + e.getClass().getSimpleName() + " " + e.getMessage(),
                e);
    }
}
