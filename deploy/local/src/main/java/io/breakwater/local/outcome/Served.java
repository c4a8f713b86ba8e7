package io.breakwater.local.outcome;

import io.breakwater.local.journal.Entry.Acknowledged;
import io.breakwater.local.journal.Entry.JobCheckpoint;
import io.breakwater.local.journal.Entry.Processed;
import io.breakwater.local.journal.Entry.TableCommit;
import io.breakwater.local.journal.Journals;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * When each part of the workload first worked in the region that was promoted.
 *
 * @param write a producer's event was acknowledged
 * @param processing the consumer group processed an event
 * @param job a job restored from a savepoint was seen to have completed a checkpoint
 * @param table the table took a commit
 */
public record Served(
        Optional<Instant> write, Optional<Instant> processing, Optional<Instant> job, Optional<Instant> table) {

    public static Served in(String region, Journals journals) {
        return new Served(
                first(journals.acknowledged().stream()
                        .filter(entry -> entry.region().equals(region))
                        .mapToLong(Acknowledged::at)),
                first(journals.processed().stream()
                        .filter(entry -> entry.region().equals(region))
                        .mapToLong(Processed::at)),
                first(journals.jobCheckpoints().stream()
                        .filter(entry -> entry.region().equals(region)
                                && !entry.restoredFrom().isEmpty())
                        .mapToLong(JobCheckpoint::seenAt)),
                first(journals.tableCommits().stream()
                        .filter(entry -> entry.region().equals(region))
                        .mapToLong(TableCommit::at)));
    }

    private static Optional<Instant> first(LongStream times) {
        return times.boxed().min(Comparator.naturalOrder()).map(Instant::ofEpochMilli);
    }

    /** Empty while a part does not work yet. */
    public Optional<Instant> all() {
        List<Instant> known = Stream.of(write, processing, job, table)
                .flatMap(Optional::stream)
                .toList();
        return known.size() < 4 ? Optional.empty() : known.stream().max(Comparator.naturalOrder());
    }

    /** @return seconds from the kill until all four worked; empty while one does not */
    public Optional<Double> seconds(Instant killedAt) {
        return all().map(at -> Duration.between(killedAt, at).toMillis() / 1000.0);
    }

    /** For people. */
    @Override
    public String toString() {
        return "first write " + time(write) + ", processing " + time(processing) + ", job " + time(job)
                + ", table commit " + time(table);
    }

    private static String time(Optional<Instant> at) {
        return at.map(Instant::toString).orElse("not yet");
    }
}
