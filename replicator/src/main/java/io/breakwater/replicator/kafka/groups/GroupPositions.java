package io.breakwater.replicator.kafka.groups;

import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.region.PositionTranslator.Translation;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What is known of groups' positions on both sides, and what follows from it: which positions have to be translated,
 * written, deleted. It does none of that itself. For one thread; time is a parameter.
 *
 * <p>Invariants: only a translation of the newest known source position is written. A position that was past the
 * mirror's tail, or not exact, is translated again whenever the target's end has moved. A group that is active on the standby is
 * neither written nor deleted, and what was written for it counts no longer. A position is deleted only if it was
 * written by this flow. Each position is written again before {@link #REWRITE} is over, and before half of the time is
 * over for which the standby keeps it, so that it does not expire.
 */
final class GroupPositions {

    /** At the latest. */
    static final Duration REWRITE = Duration.ofHours(12);

    /** Of one turn, so that rewriting does not hold up what is new. */
    static final int REWRITTEN_AT_ONCE = 200;

    private final SortedMap<String, SortedMap<PartitionKey, Held>> held = new TreeMap<>();
    private final SortedMap<String, SortedSet<PartitionKey>> gone = new TreeMap<>();
    private final SortedSet<String> active = new TreeSet<>();
    private Duration rewrite = REWRITE;

    /** A source position, where it is on the target, and what was last written there. */
    private record Held(Commit commit, Optional<Found> found, Optional<Written> written) {

        boolean isSettled(long end) {
            return found.filter(f -> f.isFinal() || f.end() == end).isPresent();
        }
    }

    /** @param end of the target's partition, from before the search */
    private record Found(Translation translation, long end) {

        /** Whether it will be the same, whatever the mirror brings. */
        boolean isFinal() {
            return !translation.pastTail() && translation.exact();
        }
    }

    private record Written(long offset, String metadata, Instant at) {

        boolean is(Translation translation, Commit commit) {
            return offset == translation.offset() && metadata.equals(commit.metadata());
        }
    }

    /**
     * A position to be written.
     *
     * @param metadata the text that the application committed with it
     * @param fresh when the source position was committed that is not yet on the standby; empty if nothing is new, or
     *     the time is not known
     */
    record Due(long offset, String metadata, Optional<Instant> fresh) {}

    /** @param retention how long the standby keeps a position that is not written again; more than 0 */
    void keptFor(Duration retention) {
        Duration half = retention.dividedBy(2);
        rewrite = half.compareTo(REWRITE) < 0 ? half : REWRITE;
    }

    /** Takes over all source positions as they are now; what is missing counts as deleted. */
    void follow(Map<String, SortedMap<PartitionKey, Commit>> committed) {
        held.forEach((group, partitions) -> {
            Set<PartitionKey> left =
                    committed.getOrDefault(group, new TreeMap<>()).keySet();
            partitions.forEach((partition, position) -> {
                if (!left.contains(partition) && position.written().isPresent()) {
                    gone.computeIfAbsent(group, g -> new TreeSet<>()).add(partition);
                }
            });
            partitions.keySet().retainAll(left);
        });
        held.keySet().retainAll(committed.keySet());
        committed.forEach((group, partitions) -> {
            SortedMap<PartitionKey, Held> own = held.computeIfAbsent(group, g -> new TreeMap<>());
            partitions.forEach((partition, commit) -> own.merge(
                    partition,
                    new Held(commit, Optional.empty(), Optional.empty()),
                    (before, now) -> before.commit().isSame(commit)
                            ? before
                            : new Held(
                                    commit,
                                    before.found().filter(f -> before.commit().offset() == commit.offset()),
                                    before.written())));
            own.keySet().forEach(partition -> isBack(group, partition));
        });
    }

    private void isBack(String group, PartitionKey partition) {
        SortedSet<PartitionKey> partitions = gone.getOrDefault(group, new TreeSet<>());
        partitions.remove(partition);
        if (partitions.isEmpty()) {
            gone.remove(group);
        }
    }

    /** Counts positions as written by this flow before this object was made; for deletions only. */
    void adopt(String group, OffsetVector written) {
        SortedSet<PartitionKey> lost = new TreeSet<>(written.ends().keySet());
        lost.removeAll(held.getOrDefault(group, new TreeMap<>()).keySet());
        if (!lost.isEmpty()) {
            gone.computeIfAbsent(group, g -> new TreeSet<>()).addAll(lost);
        }
    }

    /** @param groups all that are active on the standby now; their positions are their members' */
    void active(Set<String> groups) {
        active.clear();
        active.addAll(groups);
        gone.keySet().removeAll(groups);
        groups.forEach(group -> held.getOrDefault(group, new TreeMap<>())
                .replaceAll((partition, position) ->
                        new Held(position.commit().seen(), Optional.empty(), Optional.empty())));
    }

    /** Partitions of positions past the mirror's tail, not exact, or not yet translated: whose end {@link #unsettled} needs. */
    SortedSet<PartitionKey> open() {
        SortedSet<PartitionKey> open = new TreeSet<>();
        held.forEach((group, partitions) -> partitions.forEach((partition, position) -> {
            if (!active.contains(group)
                    && position.found().filter(Found::isFinal).isEmpty()) {
                open.add(partition);
            }
        }));
        return open;
    }

    /**
     * The source positions to be translated, by partition, of all groups together.
     *
     * @param ends of the target's partitions; a partition that is not there is skipped
     */
    SortedMap<PartitionKey, SortedSet<Long>> unsettled(Map<PartitionKey, Long> ends) {
        SortedMap<PartitionKey, SortedSet<Long>> unsettled = new TreeMap<>();
        held.forEach((group, partitions) -> partitions.forEach((partition, position) -> {
            Long end = ends.get(partition);
            if (!active.contains(group) && end != null && !position.isSettled(end)) {
                unsettled
                        .computeIfAbsent(partition, p -> new TreeSet<>())
                        .add(position.commit().offset());
            }
        }));
        return unsettled;
    }

    /**
     * Takes over translations.
     *
     * @param ends as given to {@link #unsettled}, so read before the search
     */
    void settle(Map<PartitionKey, SortedMap<Long, Translation>> translations, Map<PartitionKey, Long> ends) {
        held.values()
                .forEach(partitions -> partitions.replaceAll((partition, position) -> {
                    Translation translation = translations
                            .getOrDefault(partition, new TreeMap<>())
                            .get(position.commit().offset());
                    if (translation == null) {
                        return position;
                    }
                    boolean isThere = position.written()
                            .filter(w -> w.is(translation, position.commit()))
                            .isPresent();
                    return new Held(
                            isThere ? position.commit().seen() : position.commit(),
                            Optional.of(new Found(translation, ends.getOrDefault(partition, 0L))),
                            position.written());
                }));
    }

    /** What is to be written now, by group; what is rewritten unchanged is spread over the period. */
    SortedMap<String, SortedMap<PartitionKey, Due>> due(Instant now) {
        SortedMap<String, SortedMap<PartitionKey, Due>> due = new TreeMap<>();
        int rewritten = 0;
        for (Map.Entry<String, SortedMap<PartitionKey, Held>> group : held.entrySet()) {
            if (active.contains(group.getKey())) {
                continue;
            }
            for (Map.Entry<PartitionKey, Held> position : group.getValue().entrySet()) {
                Held known = position.getValue();
                if (known.found().isEmpty()) {
                    continue;
                }
                Translation translation = known.found().get().translation();
                boolean isNew = known.written()
                        .filter(w -> w.is(translation, known.commit()))
                        .isEmpty();
                boolean expires = !isNew
                        && rewritten < REWRITTEN_AT_ONCE
                        && !now.isBefore(rewriteAt(
                                group.getKey(),
                                position.getKey(),
                                known.written().get().at()));
                if (isNew || expires) {
                    rewritten += expires ? 1 : 0;
                    due.computeIfAbsent(group.getKey(), g -> new TreeMap<>())
                            .put(
                                    position.getKey(),
                                    new Due(
                                            translation.offset(),
                                            known.commit().metadata(),
                                            isNew ? known.commit().at() : Optional.empty()));
                }
            }
        }
        return due;
    }

    /** Between half of the period and the whole of it, always the same for one position. */
    private Instant rewriteAt(String group, PartitionKey partition, Instant written) {
        long half = rewrite.toMillis() / 2;
        int place = Math.floorMod(group.hashCode() * 31 + partition.hashCode(), 1_000);
        return written.plusMillis(half + half * place / 1_000);
    }

    void written(String group, Map<PartitionKey, Due> positions, Instant now) {
        SortedMap<PartitionKey, Held> own = held.getOrDefault(group, new TreeMap<>());
        positions.forEach((partition, due) -> own.computeIfPresent(
                partition,
                (p, before) -> new Held(
                        before.commit().seen(),
                        before.found(),
                        Optional.of(new Written(due.offset(), due.metadata(), now)))));
    }

    /** Positions to be deleted, by group: written by this flow, gone on the source. */
    SortedMap<String, SortedSet<PartitionKey>> gone() {
        SortedMap<String, SortedSet<PartitionKey>> copy = new TreeMap<>();
        gone.forEach((group, partitions) -> copy.put(group, new TreeSet<>(partitions)));
        return copy;
    }

    void deleted(String group) {
        gone.remove(group);
    }

    /** The source positions of a group, as far as they are known. */
    OffsetVector committed(String group) {
        SortedMap<PartitionKey, Long> ends = new TreeMap<>();
        held.getOrDefault(group, new TreeMap<>())
                .forEach((partition, position) ->
                        ends.put(partition, position.commit().offset()));
        return new OffsetVector(ends);
    }

    /** The partitions on which a group's position is not exact: some records will be read again. */
    SortedSet<PartitionKey> inexact(String group) {
        SortedSet<PartitionKey> inexact = new TreeSet<>();
        held.getOrDefault(group, new TreeMap<>())
                .forEach((partition, position) ->
                        position.found().filter(f -> !f.translation().exact()).ifPresent(f -> inexact.add(partition)));
        return inexact;
    }

    Set<String> groups() {
        return new TreeSet<>(held.keySet());
    }
}
