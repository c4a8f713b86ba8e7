package io.breakwater.region;

import io.breakwater.region.ObjectStoreException.Reason;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/**
 * A file that is complete on the disk, and becomes an object of a {@link DirectoryStore} once.
 *
 * @param operation the store's, for errors
 * @param object the file that it becomes
 * @param tag of its bytes
 */
record UnfinishedFile(String operation, ObjectUri uri, Path file, Path object, String tag) {

    @FunctionalInterface
    private interface Finishing<T> {
        T run() throws IOException;
    }

    /** In the place of what stands there; returns the tag. */
    String replacing() {
        return finishing(() -> {
            Files.move(file, object, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            return tag;
        });
    }

    /** @return the tag; empty if something stands there */
    Optional<String> ifAbsent() {
        return finishing(() -> {
            try {
                Files.createLink(object, file);
                return Optional.of(tag);
            } catch (FileAlreadyExistsException e) {
                return Optional.empty();
            } catch (UnsupportedOperationException e) {
                throw new ObjectStoreException(
                        Reason.REFUSED,
                        false,
                        operation + " " + uri + ": the file system of " + object
                                + " has no hard links, without which nobody can tell who was first",
                        e);
            }
        });
    }

    private <T> T finishing(Finishing<T> finishing) {
        try {
            // Whoever deletes the last file of a folder takes the folder away too.
            Files.createDirectories(object.getParent());
            return finishing.run();
        } catch (IOException e) {
            throw DirectoryStore.failure(operation, uri.toString(), e);
        } finally {
            remove(file);
        }
    }

    static void remove(Path unfinished) {
        try {
            Files.deleteIfExists(unfinished);
        } catch (IOException e) {
            throw DirectoryStore.failure("remove", unfinished.toString(), e);
        }
    }
}
