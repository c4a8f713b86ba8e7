package io.breakwater.region.fork;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.Json;
import io.breakwater.platform.Sha256;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectUri;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Which commits of its tables a region that was left holds alone: the file {@value #NAME} of the loss ledger, beside the
 * one of its topics.
 *
 * @param formatVersion {@link #FORMAT_VERSION}
 * @param region that was left
 */
public record TableLedger(
        int formatVersion, String group, Epoch epoch, Instant createdAt, String region, List<Table> tables) {

    public static final int FORMAT_VERSION = 1;
    public static final String NAME = "tables.json";

    /**
     * One table.
     *
     * @param location in the region that was left
     * @param ancestor the last version that the other region has too; -1 if it has none
     * @param kept the folder where the commits are kept; empty if they are still in the table's log
     * @param rows of all commits, if each tells; what was added, whatever else was taken out
     * @param bytes of the files that the commits added
     */
    public record Table(
            String table,
            ObjectUri location,
            long ancestor,
            Optional<ObjectUri> kept,
            OptionalLong rows,
            long bytes,
            List<DivergedCommit> commits) {

        public Table {
            commits = List.copyOf(commits);
        }

        public static Table of(
                String table,
                ObjectUri location,
                long ancestor,
                Optional<ObjectUri> kept,
                List<DivergedCommit> commits) {
            boolean told = commits.stream().allMatch(commit -> commit.rows().isPresent());
            return new Table(
                    table,
                    location,
                    ancestor,
                    kept,
                    told
                            ? OptionalLong.of(commits.stream()
                                    .mapToLong(commit -> commit.rows().orElse(0))
                                    .sum())
                            : OptionalLong.empty(),
                    commits.stream().mapToLong(DivergedCommit::bytes).sum(),
                    commits);
        }
    }

    public TableLedger {
        tables = List.copyOf(tables);
    }

    /** @return the SHA-256 of what was written, in hexadecimal */
    public String write(ObjectStore store, ObjectUri at) {
        try {
            byte[] bytes = Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(this);
            store.put(at, bytes);
            return Sha256.of(bytes);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @throws IllegalStateException if it is none, or of a version that this release does not know */
    public static TableLedger parse(byte[] bytes) {
        try {
            TableLedger ledger = Json.MAPPER.readValue(bytes, TableLedger.class);
            if (ledger.formatVersion() != FORMAT_VERSION) {
                throw new IllegalStateException("a ledger of tables of version " + ledger.formatVersion()
                        + "; this release knows version " + FORMAT_VERSION + ": use the release that made it");
            }
            return ledger;
        } catch (IOException e) {
            throw new IllegalStateException("not a ledger of tables: " + e.getMessage(), e);
        }
    }
}
