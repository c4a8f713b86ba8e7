package io.breakwater.controller.consensus;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/** How much can still be written to some folders. Thread-safe. */
@FunctionalInterface
public interface FreeSpace {

    /** In bytes; empty if the file system does not say. */
    OptionalLong bytes();

    /** Of the folder whose file system has the least. */
    static FreeSpace of(List<Path> folders) {
        List<Path> all = List.copyOf(folders);
        return () -> {
            long least = Long.MAX_VALUE;
            for (Path folder : all) {
                try {
                    least = Math.min(least, Files.getFileStore(folder).getUsableSpace());
                } catch (IOException e) {
                    return OptionalLong.empty();
                }
            }
            return OptionalLong.of(least);
        };
    }
}
