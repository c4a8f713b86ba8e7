package io.breakwater.local.outcome;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.breakwater.local.journal.Entry.Acknowledged;
import io.breakwater.local.journal.Entry.Committed;
import io.breakwater.local.journal.Entry.Processed;
import io.breakwater.local.journal.Entry.Started;
import io.breakwater.local.journal.Journals;
import io.breakwater.platform.Flow;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What became of records and of the consumer group's positions.
 *
 * @param acked ids that the region that was left acknowledged
 * @param mirrored those of them that are in the other region
 * @param lost those that are not
 * @param lostInLedger those of the lost that the loss ledger lists
 * @param ledgerUnacked other events that it lists
 * @param translationError records between the group's positions and those that a linear scan finds
 * @param skipped records that nobody processed, though the group is past them
 * @param reread records below the last acknowledged commit that were processed again
 * @param committedLast records committed within {@link #COMMIT_LAG} before the kill: what may be read again
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record KafkaOutcome(
        long acked,
        long mirrored,
        long lost,
        long lostInLedger,
        long ledgerUnacked,
        long translationError,
        long skipped,
        long reread,
        long committedLast) {

    public static final Duration COMMIT_LAG = Duration.ofSeconds(2);

    /**
     * @param stored the topic in the region that was promoted, in order within each partition
     * @param ledger ids of the events that the loss ledger lists
     * @param committed the group's source positions that the promotion went by
     */
    public record Inputs(
            Journals journals,
            Flow flow,
            Instant killedAt,
            List<StoredEvent> stored,
            Collection<Long> ledger,
            OffsetVector committed) {}

    public static KafkaOutcome of(Inputs in) {
        Set<Long> storedIds = new HashSet<>();
        in.stored().forEach(event -> storedIds.add(event.event().id()));
        Set<Long> acked =
                acknowledged(in).stream().map(Acknowledged::id).collect(Collectors.toCollection(HashSet::new));
        Set<Long> lost = new HashSet<>(acked);
        lost.removeAll(storedIds);
        Set<Long> lostInLedger = new HashSet<>(in.ledger());
        lostInLedger.retainAll(lost);
        return new KafkaOutcome(
                acked.size(),
                acked.size() - lost.size(),
                lost.size(),
                lostInLedger.size(),
                in.ledger().size() - lostInLedger.size(),
                translationError(in),
                skipped(in),
                reread(in),
                committedLast(in));
    }

    /** When the oldest of the lost acknowledged events was produced. */
    public static Optional<Instant> oldestLost(Inputs in) {
        Set<Long> storedIds = new HashSet<>();
        in.stored().forEach(event -> storedIds.add(event.event().id()));
        return acknowledged(in).stream()
                .filter(entry -> !storedIds.contains(entry.id()))
                .map(entry -> Instant.ofEpochMilli(entry.producedAt()))
                .min(Comparator.naturalOrder());
    }

    private static List<Acknowledged> acknowledged(Inputs in) {
        return in.journals().acknowledged().stream()
                .filter(entry -> entry.region().equals(in.flow().from()))
                .toList();
    }

    /** A partition that the group never began counts with all its records. */
    private static long translationError(Inputs in) {
        Map<PartitionKey, Long> began = new HashMap<>();
        for (Started start : in.journals().started()) {
            if (start.region().equals(in.flow().to())) {
                began.putIfAbsent(start.partition(), start.position());
            }
        }
        Map<PartitionKey, Long> scanned = new HashMap<>();
        for (StoredEvent event : in.stored()) {
            if (event.reaches(in.committed().end(event.partition()).orElse(0))) {
                scanned.putIfAbsent(event.partition(), event.offset());
            }
        }
        return in.stored().stream()
                .filter(event -> {
                    boolean afterScanned = event.offset() >= scanned.getOrDefault(event.partition(), Long.MAX_VALUE);
                    Long position = began.get(event.partition());
                    return position == null || afterScanned != event.offset() >= position;
                })
                .count();
    }

    private static long skipped(Inputs in) {
        Set<Long> processed = new HashSet<>();
        Map<PartitionKey, Long> reached = new HashMap<>();
        for (Started start : in.journals().started()) {
            if (start.region().equals(in.flow().to())) {
                reached.merge(start.partition(), start.position(), Math::max);
            }
        }
        for (Processed entry : in.journals().processed()) {
            processed.add(entry.id());
            if (entry.region().equals(in.flow().to())) {
                reached.merge(entry.partition(), entry.offset(), Math::max);
            }
        }
        return in.stored().stream()
                .filter(event -> event.offset() < reached.getOrDefault(event.partition(), 0L))
                .filter(event -> !processed.contains(event.event().id()))
                .count();
    }

    private static long reread(Inputs in) {
        Map<PartitionKey, Long> committed = committedBefore(in, Instant.MAX);
        Set<Long> done = new HashSet<>();
        long again = 0;
        for (Processed entry : in.journals().processed()) {
            if (entry.region().equals(in.flow().to())) {
                again += done.contains(entry.id()) ? 1 : 0;
            } else if (entry.offset() < committed.getOrDefault(entry.partition(), 0L)) {
                done.add(entry.id());
            }
        }
        return again;
    }

    private static long committedLast(Inputs in) {
        Map<PartitionKey, Long> early = committedBefore(in, in.killedAt().minus(COMMIT_LAG));
        Map<PartitionKey, Long> last = committedBefore(in, Instant.MAX);
        return last.entrySet().stream()
                .mapToLong(entry -> entry.getValue() - early.getOrDefault(entry.getKey(), 0L))
                .sum();
    }

    private static Map<PartitionKey, Long> committedBefore(Inputs in, Instant time) {
        Map<PartitionKey, Long> positions = new HashMap<>();
        for (Committed entry : in.journals().committed()) {
            if (entry.region().equals(in.flow().from())
                    && Instant.ofEpochMilli(entry.at()).isBefore(time)) {
                positions.merge(entry.partition(), entry.position(), Math::max);
            }
        }
        return positions;
    }
}
