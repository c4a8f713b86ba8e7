package io.breakwater.region;

import io.breakwater.region.ObjectStore.ObjectInfo;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;

/** Collects the files of a {@link DirectoryStore} whose keys begin with a prefix; goes only into folders that can hold such. */
final class DirectoryListing extends SimpleFileVisitor<Path> {

    private final Path root;
    private final String bucket;
    private final String prefix;
    private final String after;
    private final List<ObjectInfo> found;

    DirectoryListing(Path root, String bucket, String prefix, String after, List<ObjectInfo> found) {
        this.root = root;
        this.bucket = bucket;
        this.prefix = prefix;
        this.after = after;
        this.found = found;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
        String key = key(directory) + "/";
        boolean wanted = directory.equals(root) || key.startsWith(prefix) || prefix.startsWith(key);
        return wanted && !key.equals(DirectoryStore.UNFINISHED + "/")
                ? FileVisitResult.CONTINUE
                : FileVisitResult.SKIP_SUBTREE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
        String key = key(file);
        if (key.startsWith(prefix) && key.compareTo(after) > 0) {
            BasicFileAttributes real =
                    attributes.isSymbolicLink() ? Files.readAttributes(file, BasicFileAttributes.class) : attributes;
            if (real.isRegularFile()) {
                found.add(DirectoryStore.info(new ObjectUri(bucket, key), real, FileTags.cheap(real)));
            }
        }
        return FileVisitResult.CONTINUE;
    }

    /** A file may go while its folder is listed. */
    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
        if (failure instanceof NoSuchFileException && file.startsWith(root) && !file.equals(root)) {
            return FileVisitResult.CONTINUE;
        }
        throw failure;
    }

    private String key(Path path) {
        return root.relativize(path).toString();
    }
}
