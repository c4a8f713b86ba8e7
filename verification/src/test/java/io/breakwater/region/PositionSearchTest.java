package io.breakwater.region;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.region.PositionTranslator.Translation;
import io.breakwater.region.VisibleRecords.Range;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;

class PositionSearchTest {

    private static final Uuid SOURCE = new Uuid(1, 1);
    private static final Uuid OTHER = new Uuid(2, 2);

    @Test
    void findsWhatALinearScanFindsOnAnyPartition() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 400; round++) {
            List<ConsumerRecord<byte[], byte[]>> records = partition(random);
            long end = records.isEmpty() ? random.nextInt(3) : last(records).offset() + 1 + random.nextInt(4);
            long position = random.nextLong(records.size() * 4L + 2);

            Translation found = search(records, position, end);

            Optional<Long> expected = records.stream()
                    .filter(record -> stamp(record) >= position)
                    .map(ConsumerRecord::offset)
                    .findFirst();
            assertThat(found.pastTail()).as("seed " + seed).isEqualTo(expected.isEmpty());
            if (expected.isEmpty()) {
                assertThat(found.offset()).as("seed " + seed).isEqualTo(end);
            } else {
                assertThat(firstFrom(records, found.offset()))
                        .as("seed " + seed)
                        .isEqualTo(expected);
            }
        }
    }

    @Test
    void aRecordOfAnotherOriginIsPastEveryPosition() {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        records.add(stamped(0, SOURCE, 5));
        records.add(stamped(1, OTHER, 0));
        records.add(record(2));

        assertThat(search(records, 6, 3)).isEqualTo(new Translation(1, false));
    }

    @Test
    void halvesALongPartition() {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int i = 0; i < 100_000; i++) {
            records.add(stamped(i, SOURCE, i));
        }
        PositionSearch search = new PositionSearch(SOURCE, Optional.empty(), 1_234, 0, records.size());

        int probes = drive(search, records);

        assertThat(search.translation()).isEqualTo(new Translation(1_234, false));
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
        PositionSearch search = new PositionSearch(SOURCE, Optional.of(again), 10, 0, records.size());

        drive(search, records);

        assertThat(search.translation()).isEqualTo(new Translation(1_010, false));
    }

    private static Translation search(List<ConsumerRecord<byte[], byte[]>> records, long position, long end) {
        PositionSearch search = new PositionSearch(SOURCE, Optional.empty(), position, 0, end);
        drive(search, records);
        return search.translation();
    }

    /** @return how many probes it took */
    private static int drive(PositionSearch search, List<ConsumerRecord<byte[], byte[]>> records) {
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

    /** With gaps, as transactions' ends and compaction leave them on both sides, and at times a tail of other origin. */
    private static List<ConsumerRecord<byte[], byte[]>> partition(Random random) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        long offset = 0;
        long source = 0;
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
                .orElse(Long.MAX_VALUE);
    }

    private static Optional<Long> firstFrom(List<ConsumerRecord<byte[], byte[]>> records, long offset) {
        return records.stream()
                .map(ConsumerRecord::offset)
                .filter(o -> o >= offset)
                .findFirst();
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
