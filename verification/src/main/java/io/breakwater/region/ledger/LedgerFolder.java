package io.breakwater.region.ledger;

import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectUri;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/** Where a ledger lies: in a directory or in an object store. Names are relative, with {@code /} in them. */
public interface LedgerFolder {

    /** As people name the place of a file. */
    String locate(String name);

    void put(String name, Path file) throws IOException;

    /** Empty if there is no such file; the caller closes the stream. */
    Optional<InputStream> open(String name) throws IOException;

    /** Folders are made as they are needed; a file is there as a whole or not at all. */
    static LedgerFolder of(Path directory) {
        return new LedgerFolder() {
            @Override
            public String locate(String name) {
                return directory.resolve(name).toString();
            }

            @Override
            public void put(String name, Path file) throws IOException {
                Path to = directory.resolve(name);
                Files.createDirectories(Optional.ofNullable(to.getParent()).orElse(directory));
                Path part = to.resolveSibling(to.getFileName() + ".part");
                Files.copy(file, part, StandardCopyOption.REPLACE_EXISTING);
                Files.move(part, to, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            }

            @Override
            public Optional<InputStream> open(String name) throws IOException {
                Path file = directory.resolve(name).normalize();
                if (!file.startsWith(directory.normalize()) || !Files.isRegularFile(file)) {
                    return Optional.empty();
                }
                return Optional.of(Files.newInputStream(file));
            }
        };
    }

    /** @param store stays the caller's to close */
    static LedgerFolder of(ObjectStore store, ObjectUri folder) {
        return new LedgerFolder() {
            @Override
            public String locate(String name) {
                return folder.resolve(name).toString();
            }

            @Override
            public void put(String name, Path file) {
                store.put(folder.resolve(name), file);
            }

            @Override
            public Optional<InputStream> open(String name) {
                return store.open(folder.resolve(name)).map(stream -> stream);
            }
        };
    }
}
