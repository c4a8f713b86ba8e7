package io.breakwater.replicator.kafka.topics;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.platform.PartitionKey;
import io.breakwater.replicator.kafka.topics.ParkedPartitions.Need;
import io.breakwater.replicator.kafka.topics.TargetTopics.Room;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;

class ParkedPartitionsTest {

    private static final PartitionKey EVENTS = new PartitionKey("events", 0);

    private final List<PartitionKey> asked = new ArrayList<>();
    private Room room = new Room.Refused("too large");
    private final ParkedPartitions parked = new ParkedPartitions(new MirrorGuard.Rooms() {
        @Override
        public Room room(PartitionKey partition, long bytes) {
            asked.add(partition);
            return room;
        }

        @Override
        public Optional<Uuid> copyId(String topic) {
            return Optional.empty();
        }

        @Override
        public Room beginning(PartitionKey partition, Uuid topicId) {
            return new Room.Enough();
        }

        @Override
        public boolean isEmpty(PartitionKey partition) {
            return false;
        }
    });

    @Test
    void theStandbyIsAskedAfterPausesThatGrowToAMinute() throws InterruptedException {
        parked.park(EVENTS, new Need.RoomFor(1), true, 0);

        List<Long> seconds = new ArrayList<>();
        for (long second = 0; second < 240; second++) {
            int before = asked.size();
            assertThat(parked.isAnyMended(Duration.ofSeconds(second).toNanos())).isFalse();
            if (asked.size() > before) {
                seconds.add(second);
            }
        }

        assertThat(seconds).containsExactly(1L, 3L, 7L, 15L, 31L, 63L, 123L, 183L);
    }

    @Test
    void nothingIsAskedWhenNothingIsLeftOut() throws InterruptedException {
        assertThat(parked.isAnyMended(Long.MAX_VALUE)).isFalse();
        assertThat(asked).isEmpty();
    }

    @Test
    void oneThatIsLeftOutAgainAfterItWasTriedWaitsLonger() throws InterruptedException {
        parked.park(EVENTS, new Need.RoomFor(1), true, 0);
        room = new Room.Enough();
        assertThat(parked.isAnyMended(Duration.ofSeconds(1).toNanos())).isTrue();
        parked.resumed();

        parked.park(EVENTS, new Need.RoomFor(1), true, 0);

        assertThat(parked.isAnyMended(Duration.ofSeconds(1).toNanos())).isFalse();
        assertThat(parked.isAnyMended(Duration.ofSeconds(2).toNanos())).isTrue();
    }

    @Test
    void ofManyOnlySomeAreAskedAtATimeAndEachHasItsTurn() throws InterruptedException {
        int many = 5 * ParkedPartitions.AT_ONCE;
        for (int partition = 0; partition < many; partition++) {
            parked.park(new PartitionKey("events", partition), new Need.RoomFor(1), true, 0);
        }
        long now = ParkedPartitions.FIRST.toNanos();

        assertThat(parked.isAnyMended(now)).isFalse();
        assertThat(asked).hasSize(ParkedPartitions.AT_ONCE);
        for (int look = 1; look < 5; look++) {
            assertThat(parked.isAnyMended(now)).isFalse();
        }
        assertThat(new TreeSet<>(asked)).hasSize(many);
    }
}
