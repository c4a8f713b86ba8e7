package io.breakwater.region.ledger;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.Sha256;
import io.breakwater.region.ledger.LedgerManifest.File;
import io.breakwater.region.ledger.LedgerManifest.Part;
import io.breakwater.region.ledger.LedgerManifest.Total;
import java.io.BufferedReader;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Reads a loss ledger, and holds each file against the manifest while it does. A file is read line by line, so that
 * memory does not grow with it. Reads anew at each call. Thread-safe if the folder is.
 */
public final class LedgerReader {

    private final LedgerFolder folder;

    public LedgerReader(LedgerFolder folder) {
        this.folder = folder;
    }

    /** @param failures what is not as the manifest says, one line each; empty if all is */
    public record Verified(LedgerManifest manifest, String sha256, List<String> failures) {}

    /** @throws InvalidLedgerException if there is none, or it is not one of a known version */
    public LedgerManifest manifest() throws IOException {
        return LedgerManifest.parse(manifestBytes(), folder.locate(LedgerManifest.NAME));
    }

    private byte[] manifestBytes() throws IOException {
        String where = folder.locate(LedgerManifest.NAME);
        try (InputStream in = folder.open(LedgerManifest.NAME)
                .orElseThrow(() -> new InvalidLedgerException(
                        where + ": it is not there; a ledger without a manifest is not complete: make it anew"))) {
            return in.readAllBytes();
        }
    }

    /**
     * Hands over each record, partition by partition, in the order of offsets.
     *
     * @throws InvalidLedgerException if a file is not as the manifest says; records of it may have been handed over
     */
    public void read(Consumer<LedgerRecord> records) throws IOException {
        for (Part part : manifest().partitions()) {
            for (File file : part.files()) {
                List<String> failures = new ArrayList<>();
                check(part, file, records, failures);
                if (!failures.isEmpty()) {
                    throw new InvalidLedgerException(failures.get(0));
                }
            }
        }
    }

    /** Holds every file and every sum against the manifest. */
    public Verified verify() throws IOException {
        byte[] bytes = manifestBytes();
        String where = folder.locate(LedgerManifest.NAME);
        LedgerManifest manifest = LedgerManifest.parse(bytes, where);
        List<String> failures = new ArrayList<>();
        for (Part part : manifest.partitions()) {
            long records = 0;
            long offset = part.from() - 1;
            for (File file : part.files()) {
                if (file.from() <= offset || file.to() < file.from() || file.to() >= part.to()) {
                    failures.add(where + ": " + file.name() + " has the offsets " + file.from() + " to " + file.to()
                            + ", which do not fit " + part.key() + " from " + part.from() + " to " + part.to());
                }
                offset = file.to();
                records += file.records();
                check(part, file, record -> {}, failures);
            }
            if (records != part.records()) {
                failures.add(where + ": " + part.key() + " has " + part.records() + " records, its files " + records);
            }
        }
        if (!Total.of(manifest.partitions()).equals(manifest.total())) {
            failures.add(where + ": the total is " + manifest.total() + ", its partitions add up to "
                    + Total.of(manifest.partitions()));
        }
        return new Verified(manifest, Sha256.of(bytes), failures);
    }

    private void check(Part part, File file, Consumer<LedgerRecord> records, List<String> failures) throws IOException {
        String where = folder.locate(file.name());
        Optional<InputStream> found = folder.open(file.name());
        if (found.isEmpty()) {
            failures.add(where + ": it is not there; the manifest has it with " + file.records() + " records");
            return;
        }
        MessageDigest digest = Sha256.digest();
        try (Counted counted = new Counted(found.get());
                BufferedReader lines = new BufferedReader(
                        new InputStreamReader(new DigestInputStream(counted, digest), StandardCharsets.UTF_8))) {
            long count = lines(part.key(), file, lines, records);
            require(where, "records", file.records(), count, failures);
            require(where, "bytes", file.bytes(), counted.bytes, failures);
        } catch (JsonProcessingException e) {
            failures.add(where + ": a line is no record: " + e.getOriginalMessage());
            return;
        } catch (OutOfOrderException e) {
            failures.add(where + ": " + e.getMessage());
            return;
        }
        require(where, "sha256", file.sha256(), HexFormat.of().formatHex(digest.digest()), failures);
    }

    private static long lines(PartitionKey key, File file, BufferedReader lines, Consumer<LedgerRecord> records)
            throws IOException, OutOfOrderException {
        long count = 0;
        long last = file.from() - 1;
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            LedgerRecord record = LedgerRecord.fromLine(line);
            if (!record.topic().equals(key.topic())
                    || record.partition() != key.partition()
                    || record.offset() <= last
                    || record.offset() > file.to()) {
                throw new OutOfOrderException("line " + (count + 1) + " is offset " + record.offset() + " of "
                        + record.topic() + "-" + record.partition() + ", after offset " + last + " of " + key);
            }
            last = record.offset();
            count++;
            records.accept(record);
        }
        return count;
    }

    private static void require(String where, String what, Object expected, Object found, List<String> failures) {
        if (!expected.equals(found)) {
            failures.add(where + ": " + what + " " + found + ", the manifest has " + expected);
        }
    }

    /** A line is not the one that has to follow. */
    private static final class OutOfOrderException extends Exception {

        private static final long serialVersionUID = 1L;

        OutOfOrderException(String message) {
            super(message);
        }
    }

    /** Counts what is read. */
    private static final class Counted extends FilterInputStream {
        private long bytes;

        Counted(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int read = super.read();
            bytes += read < 0 ? 0 : 1;
            return read;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int read = super.read(into, offset, length);
            bytes += Math.max(0, read);
            return read;
        }
    }
}
