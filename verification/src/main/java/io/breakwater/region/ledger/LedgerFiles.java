package io.breakwater.region.ledger;

import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.Sha256;
import io.breakwater.region.ledger.LedgerManifest.File;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The files of one partition, one after the other, each begun with its first record. For one thread. */
final class LedgerFiles implements AutoCloseable {

    /** A file is ended once it is this long; it is at most one record longer. */
    static final long FILE_BYTES = 64L * 1024 * 1024;

    private final LedgerFolder folder;
    private final PartitionKey key;
    private final long fileBytes;
    private final List<File> written = new ArrayList<>();
    private @Nullable Open open;

    LedgerFiles(LedgerFolder folder, PartitionKey key, long fileBytes) {
        this.folder = folder;
        this.key = key;
        this.fileBytes = fileBytes;
    }

    /** The one that is being written. */
    private static final class Open {
        private final Path file;
        private final MessageDigest digest = Sha256.digest();
        private final OutputStream out;
        private final long from;
        private long to;
        private long records;
        private long bytes;

        Open(long from) throws IOException {
            this.from = from;
            this.file = Files.createTempFile("breakwater-ledger", ".jsonl");
            this.out = new DigestOutputStream(new BufferedOutputStream(Files.newOutputStream(file)), digest);
        }
    }

    void add(LedgerRecord record) throws IOException {
        Open to = open;
        if (to == null) {
            to = new Open(record.offset());
            open = to;
        }
        byte[] line = record.toLine();
        to.out.write(line);
        to.out.write('\n');
        to.to = record.offset();
        to.records++;
        to.bytes += line.length + 1;
        if (to.bytes >= fileBytes) {
            finish();
        }
    }

    /** Puts what is begun into the folder. */
    void finish() throws IOException {
        Open done = open;
        if (done == null) {
            return;
        }
        done.out.close();
        // Sorted by name they are sorted by offset.
        String name = key + "/" + String.format(Locale.ROOT, "%020d", done.from) + ".jsonl";
        folder.put(name, done.file);
        written.add(new File(
                name,
                done.from,
                done.to,
                done.records,
                done.bytes,
                HexFormat.of().formatHex(done.digest.digest())));
        Files.delete(done.file);
        open = null;
    }

    List<File> written() {
        return written;
    }

    long records() {
        return written.stream().mapToLong(File::records).sum();
    }

    @Override
    public void close() throws IOException {
        if (open != null) {
            open.out.close();
            Files.deleteIfExists(open.file);
        }
    }
}
