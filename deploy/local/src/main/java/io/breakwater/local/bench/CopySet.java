package io.breakwater.local.bench;

import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectUri;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/**
 * Objects of one size.
 *
 * @param name of the case
 * @param size in bytes
 */
record CopySet(String name, int objects, long size) {

    private static final int CHUNK = 1 << 20;
    private static final long IN_MEMORY = 64L << 20;

    static final List<CopySet> ALL = List.of(
            new CopySet("200x8MB", 200, 8_000_000),
            new CopySet("5000x20KB", 5_000, 20_000),
            new CopySet("1x2GB", 1, 2_000_000_000));

    double megabytes() {
        return objects * size / 1e6;
    }

    /** Fills a prefix with random bytes: nothing on the way can make them fewer. */
    void fill(ObjectStore store, ObjectUri prefix, Path directory) {
        Random random = new Random(objects);
        for (int i = 0; i < objects; i++) {
            ObjectUri uri = prefix.resolve(String.format("%05d.bin", i));
            if (size <= IN_MEMORY) {
                byte[] bytes = new byte[(int) size];
                random.nextBytes(bytes);
                store.put(uri, bytes);
            } else {
                Path file = directory.resolve(name + ".bin");
                write(file, random);
                store.put(uri, file);
            }
        }
    }

    private void write(Path file, Random random) {
        byte[] chunk = new byte[CHUNK];
        try {
            try (OutputStream out = Files.newOutputStream(file)) {
                for (long left = size; left > 0; left -= CHUNK) {
                    random.nextBytes(chunk);
                    out.write(chunk, 0, (int) Math.min(left, CHUNK));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
