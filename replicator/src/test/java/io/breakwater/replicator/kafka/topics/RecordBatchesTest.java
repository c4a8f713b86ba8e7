package io.breakwater.replicator.kafka.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RecordBatchesTest {

    private final Deque<Optional<List<SourceRecord>>> script = new ConcurrentLinkedDeque<>();
    private final AtomicInteger polls = new AtomicInteger();
    private final CountDownLatch secondPoll = new CountDownLatch(2);
    private final RecordBatches batches = new RecordBatches(() -> {
        polls.incrementAndGet();
        secondPoll.countDown();
        Optional<List<SourceRecord>> next = script.poll();
        return next == null ? null : next.orElse(null);
    });

    @AfterEach
    void end() {
        batches.close();
    }

    @Test
    void whatCameInTheMeantimeGoesWithTheLittleThatWasThere() {
        List<SourceRecord> old = records(3);
        List<SourceRecord> fresh = records(5);
        script.addAll(List.of(Optional.of(old), Optional.of(fresh)));

        List<SourceRecord> batch = batches.next();

        assertThat(batch).hasSize(8).startsWith(old.get(0)).endsWith(fresh.get(4));
        assertThat(batch.subList(0, 3)).isEqualTo(old);
    }

    @Test
    void littleGoesAloneIfNothingCame() {
        List<SourceRecord> old = records(3);
        script.add(Optional.of(old));

        assertThat(batches.next()).isEqualTo(old);
        assertThat(polls).hasValue(2);
    }

    @Test
    void muchGoesAtOnceAndTheNextPollIsReadAhead() throws InterruptedException {
        List<SourceRecord> much = records(RecordBatches.MANY);
        List<SourceRecord> more = records(RecordBatches.MANY, (int) RecordBatches.ENOUGH / RecordBatches.MANY);
        script.addAll(List.of(Optional.of(much), Optional.of(more)));

        List<SourceRecord> batch = batches.next();

        assertThat(batch).isEqualTo(much);
        assertThat(secondPoll.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(batches.next()).isSameAs(more);
    }

    @Test
    void aheadIsReadUntilThereIsLittle() {
        List<SourceRecord> much = records(RecordBatches.MANY);
        List<SourceRecord> more = records(RecordBatches.MANY);
        List<SourceRecord> little = records(3);
        script.addAll(List.of(Optional.of(much), Optional.of(more), Optional.of(little), Optional.of(much)));
        batches.next();

        List<SourceRecord> batch = batches.next();

        assertThat(batch)
                .hasSize(RecordBatches.MANY + 3)
                .startsWith(more.get(0))
                .endsWith(little.get(2));
    }

    @Test
    void aheadIsReadUntilThereIsEnough() {
        List<SourceRecord> much = records(RecordBatches.MANY);
        List<SourceRecord> half = records(RecordBatches.MANY, (int) RecordBatches.ENOUGH / RecordBatches.MANY / 2);
        script.addAll(List.of(Optional.of(much), Optional.of(half), Optional.of(half), Optional.of(half)));
        batches.next();

        assertThat(batches.next()).hasSize(2 * RecordBatches.MANY);
        assertThat(batches.next()).hasSize(RecordBatches.MANY);
    }

    @Test
    void aLittleThatWasReadAheadIsFollowedByWhatCameInTheMeantime() {
        List<SourceRecord> much = records(RecordBatches.MANY);
        List<SourceRecord> old = records(3);
        List<SourceRecord> fresh = records(5);
        script.addAll(List.of(Optional.of(much), Optional.of(old), Optional.of(fresh)));
        batches.next();

        List<SourceRecord> batch = batches.next();

        assertThat(batch).hasSize(8).startsWith(old.get(0)).endsWith(fresh.get(4));
    }

    @Test
    void aPollAheadThatFailsFailsTheNextBatch() {
        List<SourceRecord> much = records(RecordBatches.MANY);
        AtomicInteger asked = new AtomicInteger();
        try (RecordBatches failing = new RecordBatches(() -> {
            if (asked.getAndIncrement() > 0) {
                throw new IllegalStateException("no records");
            }
            return much;
        })) {
            failing.next();

            assertThatThrownBy(failing::next)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("no records");
        }
    }

    @Test
    void anEndOfATransactionOnTheSourceIsPassedOver() {
        List<SourceRecord> after = records(2);
        script.addAll(List.of(Optional.empty(), Optional.empty(), Optional.of(after)));

        assertThat(batches.next()).isEqualTo(after);
    }

    @Test
    void anErrorThatComesBackAtOnceIsNotAskedForThousandsOfTimes() {
        assertThat(batches.next()).isEmpty();
        assertThat(polls.get()).isBetween(1, 30);
    }

    private static List<SourceRecord> records(int count) {
        return records(count, 0);
    }

    private static List<SourceRecord> records(int count, int bytes) {
        byte[] value = new byte[bytes];
        SourceRecord[] records = new SourceRecord[count];
        Arrays.setAll(
                records,
                n -> new SourceRecord(
                        Map.of(), Map.of("offset", (long) n), "flights", null, null, Schema.BYTES_SCHEMA, value));
        return Collections.unmodifiableList(Arrays.asList(records));
    }
}
