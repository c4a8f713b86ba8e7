package io.breakwater.replicator.kafka.topics;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.platform.PartitionKey;
import io.breakwater.region.ProvenanceStamp;
import io.breakwater.replicator.kafka.topics.MirrorGuard.Judgement;
import io.breakwater.replicator.kafka.topics.SourceOrder.Position;
import io.breakwater.replicator.kafka.topics.TargetTopics.Room;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.mirror.MirrorUtils;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;

class MirrorGuardTest {

    private static final Uuid CLUSTER = new Uuid(9, 9);
    private static final Uuid EVENTS = new Uuid(1, 1);
    private static final Uuid PLANES = new Uuid(2, 2);
    private static final Uuid COPY = new Uuid(3, 3);
    private static final int LIMIT = 100;

    private final Map<String, Uuid> topicIds = new HashMap<>(Map.of("events", EVENTS, "planes", PLANES));
    private final Set<String> unready = new HashSet<>();
    private final Set<PartitionKey> absent = new HashSet<>();
    private final Set<PartitionKey> emptied = new HashSet<>();
    private final Set<PartitionKey> copiedBefore = new HashSet<>();
    private Uuid copyId = COPY;
    private int limit = LIMIT;
    private int asked;
    private final ParkedPartitions parked = new ParkedPartitions(new Standby());
    private final MirrorGuard guard = guard(Map.of());

    @Test
    void recordsOfAllPartitionsAreStampedInTheirOrder() {
        Judgement judgement = guard.judge(List.of(
                record("events", 0, 5), record("events", 0, 6), record("events", 1, 5), record("planes", 0, 8)));

        assertThat(stamps(judgement))
                .containsExactly(
                        new ProvenanceStamp(CLUSTER, EVENTS, 0, 5),
                        new ProvenanceStamp(CLUSTER, EVENTS, 0, 6),
                        new ProvenanceStamp(CLUSTER, EVENTS, 1, 5),
                        new ProvenanceStamp(CLUSTER, PLANES, 0, 8));
        assertThat(judgement.waiting()).isEmpty();
        assertThat(asked).as("once for each run").isEqualTo(3);
    }

    @Test
    void ofManyRecordsAtOnceTheLastIsALandmarkAndOfFewEachOne() {
        List<SourceRecord> records = new ArrayList<>();
        for (int offset = 0; offset < MirrorGuard.MANY; offset++) {
            records.add(record("events", 0, offset));
        }
        records.add(record("events", 1, 7));
        records.add(record("events", 1, 8));

        Judgement judgement = guard.judge(records);

        assertThat(judgement.admitted())
                .filteredOn(record -> ((StampedRecord) record).isLandmark())
                .extracting(MirrorGuard::offset)
                .containsExactly(MirrorGuard.MANY - 1L, 7L, 8L);
    }

    @Test
    void aPartitionThatComesTwiceInABatchGoesOn() {
        Judgement judgement =
                guard.judge(List.of(record("events", 0, 5), record("planes", 0, 1), record("events", 0, 6)));

        assertThat(stamps(judgement)).extracting(ProvenanceStamp::offset).containsExactly(5L, 1L, 6L);
    }

    @Test
    void aRecordThatIsTooLargeIsLeftOutWithAllThatFollowItAndNothingBeforeIt() {
        List<SourceRecord> records = new ArrayList<>();
        for (int offset = 0; offset < 8; offset++) {
            // Sizes that grow to the limit, then past it, then further.
            records.add(record("events", 0, offset, offset < 5 ? 90 + offset : 200 + offset));
        }
        records.add(record("events", 0, 8));
        records.add(record("planes", 0, 0));

        Judgement judgement = guard.judge(records);

        assertThat(stamps(judgement)).extracting(ProvenanceStamp::offset).containsExactly(0L, 1L, 2L, 3L, 4L, 0L);
        assertThat(judgement.waiting()).isEmpty();
        assertThat(guard.judge(List.of(record("events", 0, 9))).admitted()).isEmpty();
    }

    @Test
    void fromTheFirstRecordThatCannotBeJudgedOnAllWait() {
        unready.add("planes");
        List<SourceRecord> records = List.of(record("events", 0, 5), record("planes", 0, 1), record("events", 0, 6));

        Judgement first = guard.judge(records);
        unready.clear();
        Judgement second = guard.judge(first.waiting());

        assertThat(stamps(first)).extracting(ProvenanceStamp::offset).containsExactly(5L);
        assertThat(first.obstacle()).contains("planes is not ready");
        assertThat(stamps(second)).extracting(ProvenanceStamp::offset).containsExactly(1L, 6L);
    }

    @Test
    void anUnknownTopicIdIsWaitedFor() {
        topicIds.remove("events");

        Judgement judgement = guard.judge(List.of(record("events", 0, 5)));

        assertThat(judgement.admitted()).isEmpty();
        assertThat(judgement.waiting()).hasSize(1);
        assertThat(judgement.obstacle().orElse("")).contains("topic events", "not known");
    }

    @Test
    void aPartitionThatDoesNotGoOnWhereTheMirrorStoodIsLeftOutAlone() {
        MirrorGuard restarted = guard(Map.of(new PartitionKey("events", 0), new Position(Optional.of(PLANES), 4)));

        Judgement judgement = restarted.judge(List.of(record("events", 0, 5), record("events", 1, 5)));

        assertThat(stamps(judgement)).extracting(ProvenanceStamp::partition).containsExactly(1);
    }

    @Test
    void aPartitionThatIsNotThereHoldsUpNoOther() throws InterruptedException {
        absent.add(new PartitionKey("events", 1));

        Judgement judgement =
                guard.judge(List.of(record("events", 0, 5), record("events", 1, 5), record("planes", 0, 1)));

        assertThat(stamps(judgement)).extracting(ProvenanceStamp::topicId).containsExactly(EVENTS, PLANES);
        assertThat(judgement.waiting()).isEmpty();
        assertThat(parked.isAnyMended(after(ParkedPartitions.GREATEST))).isFalse();
        absent.clear();
        assertThat(parked.isAnyMended(after(ParkedPartitions.GREATEST.multipliedBy(2))))
                .isTrue();
    }

    @Test
    void whatWasTooLargeIsMendedWhenThatVeryRecordHasRoom() throws InterruptedException {
        Judgement unused = guard.judge(List.of(record("events", 0, 5, LIMIT + 50)));

        limit = LIMIT + 49;
        assertThat(parked.isAnyMended(after(ParkedPartitions.GREATEST))).isFalse();
        limit = LIMIT + 50;
        assertThat(parked.isAnyMended(after(ParkedPartitions.GREATEST.multipliedBy(2))))
                .isTrue();
    }

    @Test
    void anotherIncarnationIsMendedWhenItsCopyIsEmpty() throws InterruptedException {
        PartitionKey partition = new PartitionKey("events", 0);
        Judgement unused =
                guard(Map.of(partition, new Position(Optional.of(PLANES), 4))).judge(List.of(record("events", 0, 5)));

        assertThat(parked.isAnyMended(after(ParkedPartitions.GREATEST))).isFalse();
        emptied.add(partition);
        assertThat(parked.isAnyMended(after(ParkedPartitions.GREATEST.multipliedBy(2))))
                .isTrue();
    }

    @Test
    void whatWouldLeaveAHoleInACopyMadeAnewIsLeftOutUntilThatIsEmpty() throws InterruptedException {
        PartitionKey partition = new PartitionKey("events", 0);
        MirrorGuard restarted =
                guard(Map.of(partition, new Position(Optional.of(EVENTS), 4, Optional.of(new Uuid(8, 8)))));

        Judgement judgement = restarted.judge(List.of(record("events", 0, 5), record("events", 1, 5)));

        assertThat(stamps(judgement)).extracting(ProvenanceStamp::partition).containsExactly(1);
        assertThat(parked.isAnyMended(after(ParkedPartitions.GREATEST))).isFalse();
        emptied.add(partition);
        assertThat(parked.isAnyMended(after(ParkedPartitions.GREATEST.multipliedBy(2))))
                .isTrue();
    }

    @Test
    void aCopyThatIsMadeAnewUnderTheMirrorGetsNoMoreRecords() {
        Judgement before = guard.judge(List.of(record("events", 0, 5)));
        copyId = new Uuid(4, 4);

        Judgement after = guard.judge(List.of(record("events", 0, 6), record("planes", 0, 0)));

        assertThat(before.admitted())
                .extracting(record -> (Object) record.sourceOffset().get("copyId"))
                .containsExactly(COPY.toString());
        assertThat(stamps(after)).extracting(ProvenanceStamp::topicId).containsExactly(PLANES);
    }

    @Test
    void aPartitionThatIsToBeginAtItsBeginningDoesSoWhateverItsCopyHas() {
        PartitionKey told = new PartitionKey("events", 0);
        copiedBefore.add(told);

        Judgement judgement = guard(Map.of(told, new Position(Optional.empty(), -1)))
                .judge(List.of(record("events", 0, 0), record("events", 0, 1)));

        assertThat(stamps(judgement)).extracting(ProvenanceStamp::offset).containsExactly(0L, 1L);
    }

    @Test
    void aPartitionWhoseRecordsAreThereAlreadyIsLeftOutUnlessTheMirrorStandsSomewhere() throws InterruptedException {
        PartitionKey twice = new PartitionKey("events", 0);
        PartitionKey handedOver = new PartitionKey("events", 1);
        copiedBefore.addAll(Set.of(twice, handedOver));
        MirrorGuard takingOver = guard(Map.of(handedOver, new Position(Optional.empty(), 4)));

        Judgement judgement = takingOver.judge(List.of(record("events", 0, 0), record("events", 1, 5)));

        assertThat(stamps(judgement)).extracting(ProvenanceStamp::partition).containsExactly(1);
        assertThat(judgement.waiting()).isEmpty();
        assertThat(parked.isAnyMended(after(ParkedPartitions.GREATEST))).isFalse();
        emptied.add(twice);
        assertThat(parked.isAnyMended(after(ParkedPartitions.GREATEST.multipliedBy(2))))
                .isTrue();
    }

    private static long after(Duration pause) {
        return System.nanoTime() + pause.toNanos();
    }

    private MirrorGuard guard(Map<PartitionKey, Position> positions) {
        MirrorGuard.Ids ids = new MirrorGuard.Ids() {
            @Override
            public Optional<Uuid> clusterId() {
                return Optional.of(CLUSTER);
            }

            @Override
            public Optional<Uuid> id(String topic) {
                return Optional.ofNullable(topicIds.get(topic));
            }
        };
        return new MirrorGuard(ids, new Standby(), new SourceOrder("east", positions), parked);
    }

    private final class Standby implements MirrorGuard.Rooms {

        @Override
        public Room room(PartitionKey partition, long bytes) {
            asked++;
            if (absent.contains(partition)) {
                return new Room.Absent("it is not there");
            }
            if (unready.contains(partition.topic())) {
                return new Room.NotYet(partition.topic() + " is not ready");
            }
            return bytes <= limit ? new Room.Enough() : new Room.Refused("too large");
        }

        @Override
        public Optional<Uuid> copyId(String topic) {
            return Optional.of(copyId);
        }

        @Override
        public Room beginning(PartitionKey partition, Uuid topicId) {
            return copiedBefore.contains(partition) && !emptied.contains(partition)
                    ? new Room.Refused("its records are there already")
                    : new Room.Enough();
        }

        @Override
        public boolean isEmpty(PartitionKey partition) {
            return emptied.contains(partition);
        }
    }

    private static List<ProvenanceStamp> stamps(Judgement judgement) {
        return judgement.admitted().stream()
                .map(record -> record.headers().lastWithName(ProvenanceStamp.HEADER))
                .map(header -> ProvenanceStamp.fromBytes((byte[]) header.value()))
                .toList();
    }

    private static SourceRecord record(String topic, int partition, long offset) {
        return record(topic, partition, offset, 10);
    }

    private static SourceRecord record(String topic, int partition, long offset, int bytes) {
        return new SourceRecord(
                Map.of("cluster", "east", "topic", topic, "partition", partition),
                MirrorUtils.wrapOffset(offset),
                topic,
                partition,
                Schema.OPTIONAL_BYTES_SCHEMA,
                null,
                Schema.BYTES_SCHEMA,
                new byte[bytes]);
    }
}
