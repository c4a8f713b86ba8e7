package io.breakwater.replicator.kafka.groups;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.ReplicaPosition;
import io.breakwater.replicator.kafka.groups.GroupReceipts.Current;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class GroupReceiptsTest {

    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

    private final GroupReceipts receipts = new GroupReceipts();

    @Test
    void whatChangesIsAnnouncedAtOnceAndWhatDoesNotEachSecond() {
        receipts.due(Map.of("a", at(1), "b", at(1)), NOW);

        SortedMap<String, ReplicaPosition> changed =
                receipts.due(Map.of("a", at(2), "b", at(1)), NOW.plus(GroupReceipts.CHANGED));

        assertThat(changed)
                .isEqualTo(Map.of("a", ReplicaPosition.ofGroup(NOW.plus(GroupReceipts.CHANGED), at(2).committed())));
        assertThat(receipts.due(Map.of("a", at(2), "b", at(1)), NOW.plusSeconds(1)))
                .containsOnlyKeys("b");
    }

    @Test
    void aGroupThatIsGoneIsAnnouncedOnceWithoutPositions() {
        receipts.due(Map.of("a", at(1)), NOW);

        assertThat(receipts.due(Map.of(), NOW))
                .isEqualTo(Map.of("a", ReplicaPosition.ofGroup(NOW, OffsetVector.EMPTY)));
        assertThat(receipts.due(Map.of(), NOW)).isEmpty();
    }

    @Test
    void aGroupThatWentWhileNobodyLookedIsAnnouncedTheSameWay() {
        receipts.adopt("a", at(1).committed());

        assertThat(receipts.due(Map.of(), NOW)).containsOnlyKeys("a");
    }

    @Test
    void ofManyGroupsTheUnchangedAreRepeatedLessOften() {
        Map<String, Current> many = new TreeMap<>();
        for (int i = 0; i < 5 * GroupReceipts.A_SECOND; i++) {
            many.put("group-" + i, at(1));
        }
        receipts.due(many, NOW);

        assertThat(receipts.due(many, NOW.plusSeconds(4))).isEmpty();
        assertThat(receipts.due(many, NOW.plusSeconds(5))).hasSize(many.size());
    }

    private static Current at(long offset) {
        return new Current(new OffsetVector(Map.of(new PartitionKey("flights.events", 0), offset)), Optional.empty());
    }
}
