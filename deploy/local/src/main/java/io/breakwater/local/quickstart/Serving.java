package io.breakwater.local.quickstart;

import io.breakwater.local.journal.Journals;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.LongStream;

/**
 * When each part of the workload worked in the new region for the first time.
 *
 * @param write an ordinary producer's write was acknowledged
 * @param processed the consumer group processed a record
 * @param job the restored job had completed a checkpoint
 * @param table the table took a commit
 */
record Serving(Instant write, Instant processed, Instant job, Instant table) {

    /** All of them work. */
    Instant all() {
        return List.of(write, processed, job, table).stream()
                .max(Comparator.naturalOrder())
                .orElseThrow();
    }

    /** Empty while one is missing. */
    static Optional<Serving> in(String region, Journals journals) {
        First first = new First(region, journals);
        return first.missing().isEmpty()
                ? Optional.of(new Serving(at(first.write()), at(first.processed()), at(first.job()), at(first.table())))
                : Optional.empty();
    }

    /** What is missing, for a line of progress. */
    static String missing(String region, Journals journals) {
        return String.join(", ", new First(region, journals).missing());
    }

    private record First(OptionalLong write, OptionalLong processed, OptionalLong job, OptionalLong table) {

        First(String region, Journals journals) {
            this(
                    first(journals.acknowledged().stream()
                            .filter(entry -> entry.region().equals(region))
                            .mapToLong(entry -> entry.at())),
                    first(journals.processed().stream()
                            .filter(entry -> entry.region().equals(region))
                            .mapToLong(entry -> entry.at())),
                    first(journals.jobCheckpoints().stream()
                            .filter(entry -> entry.region().equals(region)
                                    && !entry.restoredFrom().isEmpty())
                            .mapToLong(entry -> entry.seenAt())),
                    first(journals.tableCommits().stream()
                            .filter(entry -> entry.region().equals(region))
                            .mapToLong(entry -> entry.at())));
        }

        List<String> missing() {
            List<String> missing = new ArrayList<>();
            if (write.isEmpty()) {
                missing.add("no write acknowledged");
            }
            if (processed.isEmpty()) {
                missing.add("the group has processed nothing");
            }
            if (job.isEmpty()) {
                missing.add("the job has completed no checkpoint");
            }
            if (table.isEmpty()) {
                missing.add("the table has taken no commit");
            }
            return missing;
        }

        private static OptionalLong first(LongStream times) {
            return times.min();
        }
    }

    private static Instant at(OptionalLong millis) {
        return Instant.ofEpochMilli(millis.orElseThrow());
    }
}
