package io.breakwater.replicator.kafka.groups;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.Objectives;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.Policy;
import io.breakwater.platform.ProtectionGroup;
import io.breakwater.region.PositionTranslator.Translation;
import io.breakwater.region.ProvenanceStamp;
import io.breakwater.region.StandbyPositions;
import io.breakwater.region.UnreadableStampException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

class GroupFollowerTest {

    private static final PartitionKey EVENTS = new PartitionKey("flights.events", 0);
    private static final PartitionKey DELAYS = new PartitionKey("flights.delays", 0);
    private static final long SHIFT = 1_000;

    private final Source source = new Source();
    private final Mirror mirror = new Mirror();
    private final Standby standby = new Standby();
    private final Time time = new Time();
    private final Notices notices = new Notices("group=flights flow=east-west");
    private final Freshness freshness = new Freshness();
    private final GroupFollower follower = new GroupFollower(
            new GroupFollower.Ports(source, mirror, standby),
            new GroupSelection(group()),
            notices,
            freshness,
            time,
            "west");

    @Test
    void whatIsCommittedIsOnTheStandbyAfterATurn() throws Exception {
        source.commit("flights-a", EVENTS, 10, time.instant().minusMillis(70));
        source.commit("flights-b", EVENTS, 20, time.instant());

        follower.turn();

        assertThat(standby.positions)
                .isEqualTo(Map.of("flights-a", Map.of(EVENTS, 10 + SHIFT), "flights-b", Map.of(EVENTS, 20 + SHIFT)));
        assertThat(mirror.searches).isEqualTo(1);
        assertThat(freshness.summary(time.instant()).orElseThrow().max()).isEqualTo(Duration.ofMillis(70));
    }

    @Test
    void whatHasNotChangedCostsNoSearchAndNoWrite() throws Exception {
        source.commit("flights-a", EVENTS, 10, time.instant());
        follower.turn();
        standby.positions.clear();

        follower.turn();

        assertThat(mirror.searches).isEqualTo(1);
        assertThat(standby.positions).isEmpty();
    }

    @Test
    void aGroupThatBecameActiveAfterItWasAskedIsLeftAlone() throws Exception {
        source.commit("flights-a", EVENTS, 10, time.instant());
        standby.secretlyActive.add("flights-a");

        follower.turn();
        follower.turn();

        assertThat(standby.positions).isEmpty();
        standby.secretlyActive.clear();
        time.pass(Duration.ofSeconds(1));
        follower.turn();
        assertThat(standby.positions).containsOnlyKeys("flights-a");
    }

    @Test
    void aRefusedPartitionIsNamedAndTheRestGoesOn() throws Exception {
        source.commit("flights-a", EVENTS, 10, time.instant());
        source.commit("flights-a", DELAYS, 10, time.instant());
        source.commit("flights-b", EVENTS, 20, time.instant());
        standby.refused.put(DELAYS, "not allowed");

        follower.turn();

        assertThat(standby.positions)
                .isEqualTo(Map.of("flights-a", Map.of(EVENTS, 10 + SHIFT), "flights-b", Map.of(EVENTS, 20 + SHIFT)));
        assertThat(follower.notice("flights-a"))
                .hasValueSatisfying(
                        text -> assertThat(text).contains("region west").contains("not allowed"));
        assertThat(follower.notice("flights-b")).isEmpty();
        standby.refused.clear();
        time.pass(Duration.ofSeconds(11));
        follower.turn();
        assertThat(standby.positions.get("flights-a")).containsEntry(DELAYS, 10 + SHIFT);
        assertThat(follower.notice("flights-a")).isEmpty();
    }

    @Test
    void aPositionWithoutItsTextIsNamedUntilItHasOne() throws Exception {
        source.commit("flights-a", EVENTS, 10, time.instant());
        source.commit("flights-a", DELAYS, 10, time.instant());
        standby.textless.add(EVENTS);
        follower.turn();
        follower.turn();

        assertThat(standby.positions).isEqualTo(Map.of("flights-a", Map.of(EVENTS, 10 + SHIFT, DELAYS, 10 + SHIFT)));
        assertThat(follower.notice("flights-a"))
                .hasValueSatisfying(text -> assertThat(text)
                        .contains("its positions on [flights.events-0] are kept without the texts", "region west"));

        standby.textless.clear();
        source.commit("flights-a", EVENTS, 11, time.instant());
        follower.turn();
        assertThat(follower.notice("flights-a")).isEmpty();
    }

    @Test
    void aPartitionThatTheStandbyLacksIsSaidAfterAWhile() throws Exception {
        PartitionKey missing = new PartitionKey("flights.events", 9);
        source.commit("flights-a", missing, 10, time.instant());
        source.commit("flights-a", EVENTS, 10, time.instant());
        mirror.missing.add(missing);

        follower.turn();

        assertThat(standby.positions).isEqualTo(Map.of("flights-a", Map.of(EVENTS, 10 + SHIFT)));
        assertThat(follower.notice("flights-a")).isEmpty();
        time.pass(Duration.ofSeconds(30));
        follower.turn();
        assertThat(follower.notice("flights-a"))
                .hasValueSatisfying(
                        text -> assertThat(text).contains("flights.events-9").contains("region west"));
    }

    @Test
    void aPartitionWithAStampOfALaterReleaseIsNamedAndTheRestGoesOn() throws Exception {
        source.commit("flights-a", DELAYS, 10, time.instant());
        source.commit("flights-a", EVENTS, 10, time.instant());
        mirror.unreadable.add(DELAYS);

        follower.turn();
        follower.turn();

        assertThat(standby.positions).isEqualTo(Map.of("flights-a", Map.of(EVENTS, 10 + SHIFT)));
        assertThat(mirror.searches).isEqualTo(2);
        assertThat(follower.notice("flights-a"))
                .hasValueSatisfying(text -> assertThat(text).contains("west:9092", "offset 7", "stamp of version 9"));
        mirror.unreadable.clear();
        time.pass(ReadableStamps.AGAIN);
        follower.turn();
        assertThat(standby.positions.get("flights-a")).containsEntry(DELAYS, 10 + SHIFT);
        assertThat(follower.notice("flights-a")).isEmpty();
    }

    @Test
    void aPositionThatIsNotExactIsSaid() throws Exception {
        source.commit("flights-a", EVENTS, 10, time.instant());
        mirror.exact = false;

        follower.turn();

        assertThat(follower.notice("flights-a"))
                .hasValueSatisfying(text -> assertThat(text).contains("exact=false on [flights.events-0]"));
    }

    @Test
    void aDeletionIsFollowedWhereThePolicySaysSo() throws Exception {
        source.commit("flights-a", EVENTS, 10, time.instant());
        source.commit("flights-kept", EVENTS, 10, time.instant());
        follower.turn();

        source.positions.clear();
        follower.turn();

        assertThat(standby.positions).containsOnlyKeys("flights-kept");
        assertThat(follower.groups()).isEmpty();
    }

    private static ProtectionGroup group() {
        return new ProtectionGroup(
                "east",
                "west",
                new Objectives(Duration.ofMinutes(1), Duration.ofMinutes(1)),
                Policy.CAREFUL,
                List.of(),
                List.of(
                        AssetSpec.of(Map.of("kind", "kafka-topic", "pattern", "flights\\..*")),
                        AssetSpec.of(Map.of("kind", "consumer-group", "pattern", "flights-kept", "deletions", "keep")),
                        AssetSpec.of(Map.of("kind", "consumer-group", "pattern", "flights-.*"))));
    }

    private static final class Source implements CommittedPositions {

        private final SortedMap<String, SortedMap<PartitionKey, Commit>> positions = new TreeMap<>();

        void commit(String group, PartitionKey partition, long offset, Instant at) {
            positions.computeIfAbsent(group, g -> new TreeMap<>()).put(partition, new Commit(offset, Optional.of(at)));
        }

        @Override
        public SortedMap<String, SortedMap<PartitionKey, Commit>> read(Instant now) {
            return AdminPositions.copy(positions);
        }

        @Override
        public void close() {
            positions.clear();
        }
    }

    /** A standby whose offsets are the source's and {@link #SHIFT}. */
    private static final class Mirror implements MirroredPartitions {

        private final Set<PartitionKey> missing = new TreeSet<>();
        private final Set<PartitionKey> unreadable = new TreeSet<>();
        private boolean exact = true;
        private int searches;

        @Override
        public Map<PartitionKey, Long> ends(Set<PartitionKey> partitions, Instant now) {
            Map<PartitionKey, Long> ends = new HashMap<>();
            partitions.stream().filter(p -> !missing.contains(p)).forEach(p -> ends.put(p, 2 * SHIFT));
            return ends;
        }

        @Override
        public SortedMap<PartitionKey, SortedMap<Long, Translation>> search(
                SortedMap<PartitionKey, SortedSet<Long>> positions) {
            searches++;
            positions.keySet().stream().filter(unreadable::contains).forEach(Mirror::readLaterStamp);
            SortedMap<PartitionKey, SortedMap<Long, Translation>> found = new TreeMap<>();
            positions.forEach((partition, offsets) ->
                    offsets.forEach(offset -> found.computeIfAbsent(partition, p -> new TreeMap<>())
                            .put(offset, new Translation(offset + SHIFT, false, exact))));
            return found;
        }

        private static void readLaterStamp(PartitionKey partition) {
            ConsumerRecord<byte[], byte[]> record =
                    new ConsumerRecord<>(partition.topic(), partition.partition(), 7, new byte[0], new byte[0]);
            record.headers().add(ProvenanceStamp.HEADER, new byte[] {9});
            try {
                var unused = ProvenanceStamp.of(record.headers());
            } catch (UnreadableStampException e) {
                throw e.at("west:9092", record);
            }
        }
    }

    private static final class Standby implements StandbyPositions {

        private final Map<String, Map<PartitionKey, Long>> positions = new TreeMap<>();
        private final Set<String> secretlyActive = new TreeSet<>();
        private final Map<PartitionKey, String> refused = new HashMap<>();
        private final Set<PartitionKey> textless = new TreeSet<>();

        @Override
        public Set<String> active(Collection<String> groups) {
            return Set.of();
        }

        @Override
        public Map<String, Outcome> write(Map<String, Map<PartitionKey, Position>> written) {
            Map<String, Outcome> outcomes = new TreeMap<>();
            written.forEach((group, offsets) -> {
                SortedMap<PartitionKey, String> not = new TreeMap<>(refused);
                not.keySet().retainAll(offsets.keySet());
                SortedSet<PartitionKey> without = new TreeSet<>(textless);
                without.retainAll(offsets.keySet());
                if (!secretlyActive.contains(group)) {
                    Map<PartitionKey, Long> done = new TreeMap<>();
                    offsets.forEach((partition, position) -> done.put(partition, position.offset()));
                    done.keySet().removeAll(not.keySet());
                    positions.computeIfAbsent(group, g -> new TreeMap<>()).putAll(done);
                }
                outcomes.put(group, secretlyActive.contains(group) ? new Active() : new Done(not, without));
            });
            return outcomes;
        }

        @Override
        public Map<String, Outcome> delete(Map<String, Set<PartitionKey>> deleted) {
            Map<String, Outcome> outcomes = new TreeMap<>();
            List<String> groups = new ArrayList<>(deleted.keySet());
            groups.forEach(group -> {
                positions.remove(group);
                outcomes.put(group, new Done(new TreeMap<>()));
            });
            return outcomes;
        }
    }

    private static final class Time extends Clock {

        private Instant now = Instant.parse("2026-11-22T12:00:00Z");

        void pass(Duration duration) {
            now = now.plus(duration);
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
