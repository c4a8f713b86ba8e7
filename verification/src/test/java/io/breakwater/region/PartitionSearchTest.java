package io.breakwater.region;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.region.PositionTranslator.Translation;
import io.breakwater.region.VisibleRecords.Range;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;

class PartitionSearchTest {

    private static final Uuid SOURCE = new Uuid(1, 1);
    private static final Uuid OTHER = new Uuid(2, 2);

    @Test
    void findsWhatALinearScanFindsOnAnyPartition() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 400; round++) {
            List<ConsumerRecord<byte[], byte[]>> records = partition(random);
            long end = records.isEmpty() ? random.nextInt(3) : last(records).offset() + 1 + random.nextInt(4);
            SortedSet<Long> positions = new TreeSet<>();
            for (int i = random.nextInt(random.nextBoolean() ? 2 : 40); i >= 0; i--) {
                positions.add(random.nextLong(records.size() * 4L + 2));
            }

            SortedMap<Long, Translation> found = search(records, positions, end);

            assertThat(found.keySet()).as("seed " + seed).isEqualTo(positions);
            found.forEach((position, translation) -> assertThat(translation)
                    .as("seed " + seed + " position " + position)
                    .isEqualTo(linear(records, position, end)));
        }
    }

    /** The rule of {@link PartitionSearch}, by reading all. */
    private static Translation linear(List<ConsumerRecord<byte[], byte[]>> records, long position, long end) {
        long lastStamped = records.stream()
                .filter(record -> stamp(record) >= 0)
                .mapToLong(ConsumerRecord::offset)
                .max()
                .orElse(-1);
        long before = 0;
        long stampedBefore = 0;
        for (ConsumerRecord<byte[], byte[]> record : records) {
            boolean isLater = stamp(record) < 0 && record.offset() > lastStamped;
            if (isLater || stamp(record) >= position) {
                boolean inFrontOfStamps = !isLater && stamp(record) > position && before > 0 && stampedBefore == 0;
                boolean mayBeUnstamped = inFrontOfStamps || lastStamped < 0;
                return mayBeUnstamped && isUnstamped(records.get(0))
                        ? new Translation(records.get(0).offset(), false, false)
                        : new Translation(record.offset(), false);
            }
            before++;
            stampedBefore += stamp(record) >= 0 ? 1 : 0;
        }
        return new Translation(end, true);
    }

    @Test
    void recordsFromBeforeTheStampAreNeverSkipped() {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            records.add(record(i));
        }
        for (int i = 3_000; i < 6_000; i++) {
            records.add(stamped(i, SOURCE, 50_000 + i));
        }
        PartitionSearch search = new PartitionSearch(
                SOURCE, Optional.empty(), Set.of(10L, 52_999L, 53_000L, 53_001L, 60_000L), 0, records.size());

        drive(search, records);

        assertThat(search.translations())
                .isEqualTo(Map.of(
                        10L, new Translation(0, false, false),
                        52_999L, new Translation(0, false, false),
                        53_000L, new Translation(3_000, false),
                        53_001L, new Translation(3_001, false),
                        60_000L, new Translation(6_000, true)));
        assertThat(search.ceiling(10)).isEqualTo(3_000);
    }

    @Test
    void inARangeThatRetentionHasCutOffTheFirstStampedRecordIsExact() {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            records.add(stamped(5_000 + i, SOURCE, 100 + i));
        }
        PartitionSearch search = new PartitionSearch(SOURCE, Optional.empty(), Set.of(10L), 0, 7_000);

        drive(search, records);

        assertThat(search.translations()).isEqualTo(Map.of(10L, new Translation(5_000, false)));
    }

    @Test
    void aLongTailOfOtherOriginIsPastEveryPosition() {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            records.add(stamped(i, SOURCE, i));
        }
        for (int i = 1_000; i < 4 * PartitionSearch.TAIL_LIMIT; i++) {
            records.add(record(i));
        }
        PartitionSearch search =
                new PartitionSearch(SOURCE, Optional.empty(), Set.of(5L, 999L, 1_500L), 0, records.size());

        drive(search, records);

        assertThat(search.translations())
                .isEqualTo(Map.of(
                        5L, new Translation(5, false),
                        999L, new Translation(999, false),
                        1_500L, new Translation(1_000, false)));
    }

    @Test
    void aPartitionWithoutAnyStampIsAnsweredByItsFirstRecordAndTheSyncs() {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int i = 0; i < 3 * PartitionSearch.TAIL_LIMIT; i++) {
            records.add(record(7 + i));
        }
        PartitionSearch search = new PartitionSearch(
                SOURCE, Optional.empty(), Set.of(5_000L), 0, last(records).offset() + 1);

        drive(search, records);

        assertThat(search.translations()).isEqualTo(Map.of(5_000L, new Translation(7, false, false)));
        assertThat(search.ceiling(5_000)).isGreaterThan(5_000);
    }

    @Test
    void manyPositionsShareTheirProbes() {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            records.add(stamped(i, SOURCE, i));
        }
        SortedSet<Long> positions = new TreeSet<>();
        for (long i = 0; i < 20_000; i += 20) {
            positions.add(i);
        }
        PartitionSearch search = new PartitionSearch(SOURCE, Optional.empty(), positions, 0, records.size());

        int probes = drive(search, records);

        assertThat(search.translations()).hasSize(1_000);
        search.translations().forEach((position, t) -> assertThat(t).isEqualTo(new Translation(position, false)));
        assertThat(probes).isLessThan(150);
    }

    @Test
    void aRecordOfAnotherOriginIsPastEveryPosition() {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        records.add(stamped(0, SOURCE, 5));
        records.add(stamped(1, OTHER, 0));
        records.add(record(2));

        assertThat(search(records, new TreeSet<>(Set.of(6L)), 3)).isEqualTo(Map.of(6L, new Translation(1, false)));
    }

    @Test
    void halvesALongPartition() {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int i = 0; i < 100_000; i++) {
            records.add(stamped(i, SOURCE, i));
        }
        PartitionSearch search = new PartitionSearch(SOURCE, Optional.empty(), Set.of(1_234L), 0, records.size());

        int probes = drive(search, records);

        assertThat(search.translations()).isEqualTo(Map.of(1_234L, new Translation(1_234, false)));
        assertThat(probes).isLessThan(12);
    }

    @Test
    void aStampOfAnEarlierTopicOfThatNameIsBeforeThePosition() {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            records.add(stamped(i, SOURCE, i));
        }
        Uuid again = new Uuid(4, 4);
        for (int i = 0; i < 1_000; i++) {
            ConsumerRecord<byte[], byte[]> record = record(1_000 + i);
            record.headers().add(ProvenanceStamp.HEADER, new ProvenanceStamp(SOURCE, again, 0, i).toBytes());
            records.add(record);
        }
        PartitionSearch search = new PartitionSearch(SOURCE, Optional.of(again), Set.of(10L), 0, records.size());

        drive(search, records);

        assertThat(search.translations()).isEqualTo(Map.of(10L, new Translation(1_010, false)));
    }

    private static SortedMap<Long, Translation> search(
            List<ConsumerRecord<byte[], byte[]>> records, SortedSet<Long> positions, long end) {
        PartitionSearch search = new PartitionSearch(SOURCE, Optional.empty(), positions, 0, end);
        drive(search, records);
        return search.translations();
    }

    /** @return how many probes it took */
    private static int drive(PartitionSearch search, List<ConsumerRecord<byte[], byte[]>> records) {
        for (int probes = 1; ; probes++) {
            Range range = search.probe();
            Optional<ConsumerRecord<byte[], byte[]>> met = records.stream()
                    .filter(record -> record.offset() >= range.from() && record.offset() < range.to())
                    .filter(search::wants)
                    .findFirst();
            if (search.isDoneAfter(met)) {
                return probes;
            }
        }
    }

    /**
     * With gaps, as transactions' ends and compaction leave them on both sides, at times with records from before the
     * stamp, and at times with a tail of other origin.
     */
    private static List<ConsumerRecord<byte[], byte[]>> partition(Random random) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        long offset = 0;
        long source = 0;
        if (random.nextInt(3) == 0) {
            for (int i = random.nextInt(random.nextBoolean() ? 5 : 900); i > 0; i--) {
                records.add(record(offset));
                offset += 1 + random.nextInt(2);
                source += 2;
            }
        }
        for (int i = random.nextInt(random.nextBoolean() ? 20 : 3_000); i > 0; i--) {
            records.add(stamped(offset, SOURCE, source));
            offset += 1 + (random.nextInt(5) == 0 ? random.nextInt(700) : 0);
            source += 1 + (random.nextInt(5) == 0 ? random.nextInt(7) : 0);
        }
        for (int i = random.nextInt(4); i > 0; i--) {
            records.add(random.nextBoolean() ? record(offset) : stamped(offset, OTHER, 0));
            offset++;
        }
        return records;
    }

    private static long stamp(ConsumerRecord<byte[], byte[]> record) {
        return ProvenanceStamp.of(record.headers())
                .filter(stamp -> stamp.clusterId().equals(SOURCE))
                .map(ProvenanceStamp::offset)
                .orElse(-1L);
    }

    private static boolean isUnstamped(ConsumerRecord<byte[], byte[]> record) {
        return ProvenanceStamp.of(record.headers()).isEmpty();
    }

    private static ConsumerRecord<byte[], byte[]> last(List<ConsumerRecord<byte[], byte[]>> records) {
        return records.get(records.size() - 1);
    }

    private static ConsumerRecord<byte[], byte[]> stamped(long offset, Uuid cluster, long sourceOffset) {
        ConsumerRecord<byte[], byte[]> record = record(offset);
        record.headers()
                .add(ProvenanceStamp.HEADER, new ProvenanceStamp(cluster, new Uuid(3, 3), 0, sourceOffset).toBytes());
        return record;
    }

    private static ConsumerRecord<byte[], byte[]> record(long offset) {
        return new ConsumerRecord<>("flights.events", 0, offset, new byte[0], new byte[0]);
    }
}
