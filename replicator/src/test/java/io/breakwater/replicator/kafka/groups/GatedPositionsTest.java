package io.breakwater.replicator.kafka.groups;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.Objectives;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.Policy;
import io.breakwater.platform.ProtectionGroup;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class GatedPositionsTest {

    private static final PartitionKey EVENTS = new PartitionKey("flights.events", 0);
    private static final PartitionKey DELAYS = new PartitionKey("flights.delays", 0);
    private static final String MAKER = "flights-maker";
    private static final String READER = "flights-reader";

    private final Source source = new Source();
    private final Topics topics = new Topics();
    private final Notices notices = new Notices("group=flights flow=east-west");
    private final GatedPositions gated =
            new GatedPositions(source, new GroupSelection(group()), topics, notices, "east");
    private Instant now = Instant.parse("2026-11-22T12:00:00Z");

    @Test
    void onlyAGroupWithDeclaredOutputsWaitsForThem() throws Exception {
        source.commit(MAKER, 10);
        source.commit(READER, 10);
        topics.end = 100;
        topics.mirrored = 99;

        assertThat(read()).containsOnlyKeys(READER);

        topics.mirrored = 100;
        assertThat(read()).containsOnlyKeys(MAKER, READER);
    }

    @Test
    void whatIsWrittenAfterTheCommitWasSeenIsNotWaitedFor() throws Exception {
        source.commit(MAKER, 10);
        topics.end = 100;
        read();

        topics.end = 500;
        topics.mirrored = 100;

        assertThat(read()).containsKey(MAKER);
    }

    @Test
    void thePreviousPositionStaysUntilTheOutputsAreThere() throws Exception {
        source.commit(MAKER, 10);
        read();
        topics.end = 200;
        source.commit(MAKER, 20);

        assertThat(offset(read())).isEqualTo(10);

        topics.mirrored = 200;
        assertThat(offset(read())).isEqualTo(20);
    }

    @Test
    void anOutputThatTheSourceDoesNotHaveIsSaid() throws Exception {
        source.commit(MAKER, 10);
        topics.there = false;

        assertThat(read()).isEmpty();

        assertThat(notices.of(MAKER))
                .hasValueSatisfying(
                        text -> assertThat(text).contains("flights.delays").contains("region east"));
    }

    private SortedMap<String, SortedMap<PartitionKey, Commit>> read() throws InterruptedException {
        now = now.plusSeconds(1);
        return gated.read(now);
    }

    private static long offset(SortedMap<String, SortedMap<PartitionKey, Commit>> positions) {
        Commit commit = positions.getOrDefault(MAKER, new TreeMap<>()).get(EVENTS);
        return commit == null ? -1 : commit.offset();
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
                        AssetSpec.of(Map.of("kind", "consumer-group", "pattern", MAKER, "outputs", "flights.delays")),
                        AssetSpec.of(Map.of("kind", "consumer-group", "pattern", "flights-.*"))));
    }

    private static final class Source implements CommittedPositions {

        private final SortedMap<String, SortedMap<PartitionKey, Commit>> positions = new TreeMap<>();

        void commit(String group, long offset) {
            positions.computeIfAbsent(group, g -> new TreeMap<>()).put(EVENTS, new Commit(offset, Optional.empty()));
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

    private static final class Topics implements Outputs {

        private long end;
        private long mirrored;
        private boolean there = true;

        @Override
        public OffsetVector ends(Set<String> topics) {
            return there ? new OffsetVector(Map.of(DELAYS, end)) : OffsetVector.EMPTY;
        }

        @Override
        public OffsetVector through(Set<PartitionKey> partitions) {
            return new OffsetVector(Map.of(DELAYS, mirrored));
        }

        @Override
        public void close() {
            there = false;
        }
    }
}
