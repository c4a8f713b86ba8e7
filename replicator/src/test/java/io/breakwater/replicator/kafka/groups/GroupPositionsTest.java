package io.breakwater.replicator.kafka.groups;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.region.PositionTranslator.Translation;
import io.breakwater.replicator.kafka.groups.GroupPositions.Due;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GroupPositionsTest {

    private static final PartitionKey EVENTS = new PartitionKey("flights.events", 0);
    private static final PartitionKey DELAYS = new PartitionKey("flights.delays", 0);
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    private static final Instant COMMITTED = NOW.minusMillis(300);

    private final GroupPositions positions = new GroupPositions();
    private final SortedMap<String, SortedMap<PartitionKey, Commit>> source = new TreeMap<>();
    private final Map<PartitionKey, Long> ends = new TreeMap<>(Map.of(EVENTS, 1_000L, DELAYS, 1_000L));

    @BeforeEach
    void aSettledPosition() {
        commit("flights-a", EVENTS, 10);
        positions.follow(source);
        settle(EVENTS, 10, 110, false);
        writeAll();
    }

    @Test
    void positionsOfAllGroupsOnAPartitionAreSearchedTogether() {
        commit("flights-b", EVENTS, 20);
        commit("flights-c", EVENTS, 30);
        commit("flights-c", DELAYS, 7);

        positions.follow(source);

        assertThat(positions.unsettled(ends))
                .isEqualTo(Map.of(EVENTS, new TreeSet<>(Set.of(20L, 30L)), DELAYS, new TreeSet<>(Set.of(7L))));
    }

    @Test
    void aCommitIsWrittenOnceAndSaysHowOldItIs() {
        commit("flights-a", EVENTS, 20);
        positions.follow(source);

        settle(EVENTS, 20, 120, false);

        assertThat(positions.due(NOW))
                .isEqualTo(Map.of("flights-a", Map.of(EVENTS, new Due(120, "", Optional.of(COMMITTED)))));
        writeAll();
        positions.follow(source);
        assertThat(positions.due(NOW)).isEmpty();
    }

    @Test
    void aTextAloneThatChangesIsWrittenWithoutAnotherSearch() {
        source.computeIfAbsent("flights-a", g -> new TreeMap<>())
                .put(EVENTS, new Commit(10, "batch 7", Optional.of(COMMITTED)));

        positions.follow(source);

        assertThat(positions.unsettled(ends)).isEmpty();
        assertThat(positions.due(NOW))
                .isEqualTo(Map.of("flights-a", Map.of(EVENTS, new Due(110, "batch 7", Optional.of(COMMITTED)))));
        writeAll();
        positions.follow(source);
        assertThat(positions.due(NOW)).isEmpty();
    }

    @Test
    void aResetOnTheSourceIsFollowedBackwards() {
        commit("flights-a", EVENTS, 3);
        positions.follow(source);

        settle(EVENTS, 3, 103, false);

        assertThat(offset("flights-a", EVENTS)).contains(103L);
    }

    @Test
    void aPositionPastTheTailIsSearchedAgainWhenTheEndMoves() {
        commit("flights-a", EVENTS, 990);
        positions.follow(source);
        settle(EVENTS, 990, 1_000, true);
        writeAll();
        assertThat(positions.unsettled(ends)).isEmpty();

        ends.put(EVENTS, 1_020L);

        assertThat(positions.open()).containsExactly(EVENTS);
        assertThat(positions.unsettled(ends)).containsOnlyKeys(EVENTS);
        settle(EVENTS, 990, 1_015, false);
        assertThat(positions.due(NOW))
                .isEqualTo(Map.of("flights-a", Map.of(EVENTS, new Due(1_015, "", Optional.empty()))));
    }

    @Test
    void whatIsGoneOnTheSourceIsToBeDeletedUntilItIsBack() {
        commit("flights-a", DELAYS, 5);
        positions.follow(source);
        settle(DELAYS, 5, 105, false);
        writeAll();

        source.getOrDefault("flights-a", new TreeMap<>()).remove(DELAYS);
        positions.follow(source);

        assertThat(positions.gone()).isEqualTo(Map.of("flights-a", Set.of(DELAYS)));
        commit("flights-a", DELAYS, 6);
        positions.follow(source);
        assertThat(positions.gone()).isEmpty();
    }

    @Test
    void aWholeGroupIsToBeDeletedOnce() {
        positions.follow(new TreeMap<>());
        assertThat(positions.gone()).isEqualTo(Map.of("flights-a", Set.of(EVENTS)));

        positions.deleted("flights-a");

        positions.follow(new TreeMap<>());
        assertThat(positions.gone()).isEmpty();
    }

    @Test
    void onlyWhatThisFlowWroteIsToBeDeleted() {
        commit("flights-b", EVENTS, 5);
        positions.follow(source);

        source.remove("flights-b");
        positions.follow(source);

        assertThat(positions.gone()).isEmpty();
    }

    @Test
    void whatAnEarlierProcessWroteIsDeletedIfTheSourceNoLongerHasIt() {
        positions.adopt("flights-old", new OffsetVector(Map.of(DELAYS, 4L)));
        positions.adopt("flights-a", new OffsetVector(Map.of(EVENTS, 4L)));

        positions.follow(source);

        assertThat(positions.gone()).isEqualTo(Map.of("flights-old", Set.of(DELAYS)));
    }

    @Test
    void anActiveGroupIsLeftAloneAndWrittenAnewWhenItsMembersAreGone() {
        commit("flights-b", EVENTS, 20);
        positions.follow(source);

        positions.active(Set.of("flights-a", "flights-b"));

        assertThat(positions.unsettled(ends)).isEmpty();
        assertThat(positions.due(NOW.plus(GroupPositions.REWRITE))).isEmpty();
        assertThat(positions.committed("flights-b")).isEqualTo(new OffsetVector(Map.of(EVENTS, 20L)));
        positions.active(Set.of());
        settle(EVENTS, 10, 110, false);
        assertThat(offset("flights-a", EVENTS)).contains(110L);
    }

    @Test
    void aGroupDeletedWhileActiveIsNotDeletedOnTheStandby() {
        positions.follow(new TreeMap<>());

        positions.active(Set.of("flights-a"));

        assertThat(positions.gone()).isEmpty();
    }

    @Test
    void anUnchangedPositionIsRewrittenWithinThePeriodAndNotBeforeHalfOfIt() {
        assertThat(positions.due(NOW.plus(GroupPositions.REWRITE.dividedBy(2)).minusMillis(1)))
                .isEmpty();

        SortedMap<String, SortedMap<PartitionKey, Due>> due = positions.due(NOW.plus(GroupPositions.REWRITE));

        assertThat(due).isEqualTo(Map.of("flights-a", Map.of(EVENTS, new Due(110, "", Optional.empty()))));
    }

    @Test
    void aStandbyThatForgetsSoonerIsWrittenToMoreOften() {
        Duration kept = Duration.ofHours(2);
        positions.keptFor(kept);

        assertThat(positions.due(NOW.plus(kept.dividedBy(4)).minusMillis(1))).isEmpty();
        assertThat(positions.due(NOW.plus(kept.dividedBy(2)))).containsOnlyKeys("flights-a");
        positions.keptFor(Duration.ofDays(7));
        assertThat(positions.due(NOW.plus(GroupPositions.REWRITE.dividedBy(2)).minusMillis(1)))
                .isEmpty();
    }

    @Test
    void rewritingIsSpreadOverThePeriodAndLimitedATurn() {
        for (int group = 0; group < 1_000; group++) {
            commit("flights-" + group, EVENTS, 10);
        }
        positions.follow(source);
        settle(EVENTS, 10, 110, false);
        writeAll();
        Instant turn = NOW.plus(GroupPositions.REWRITE.dividedBy(2));
        int most = 0;

        for (;
                turn.isBefore(NOW.plus(GroupPositions.REWRITE).plusSeconds(60));
                turn = turn.plus(Duration.ofMinutes(1))) {
            Instant at = turn;
            SortedMap<String, SortedMap<PartitionKey, Due>> due = positions.due(at);
            most = Math.max(most, due.size());
            due.forEach((group, offsets) -> positions.written(group, offsets, at));
        }

        assertThat(most).isLessThan(30);
        assertThat(positions.due(turn)).isEmpty();
        assertThat(positions.due(turn.plus(GroupPositions.REWRITE))).hasSize(GroupPositions.REWRITTEN_AT_ONCE);
    }

    @Test
    void aPositionOnAPartitionThatTheStandbyLacksWaits() {
        commit("flights-a", new PartitionKey("flights.new", 0), 1);

        positions.follow(source);

        assertThat(positions.open()).containsExactly(new PartitionKey("flights.new", 0));
        assertThat(positions.unsettled(ends)).isEmpty();
        assertThat(positions.due(NOW)).isEmpty();
    }

    private void commit(String group, PartitionKey partition, long offset) {
        source.computeIfAbsent(group, g -> new TreeMap<>()).put(partition, new Commit(offset, Optional.of(COMMITTED)));
    }

    private void settle(PartitionKey partition, long offset, long target, boolean pastTail) {
        positions.settle(
                Map.of(partition, new TreeMap<>(Map.of(offset, new Translation(target, pastTail)))), Map.copyOf(ends));
    }

    private void writeAll() {
        positions.due(NOW).forEach((group, due) -> positions.written(group, due, NOW));
    }

    private Optional<Long> offset(String group, PartitionKey partition) {
        return Optional.ofNullable(
                        positions.due(NOW).getOrDefault(group, new TreeMap<>()).get(partition))
                .map(Due::offset);
    }
}
