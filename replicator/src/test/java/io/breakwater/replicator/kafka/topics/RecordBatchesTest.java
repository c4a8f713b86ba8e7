package io.breakwater.replicator.kafka.topics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;

class RecordBatchesTest {

    private final Deque<Optional<List<SourceRecord>>> script = new ArrayDeque<>();
    private int polls;
    private final RecordBatches batches = new RecordBatches(() -> {
        polls++;
        Optional<List<SourceRecord>> next = script.poll();
        return next == null ? null : next.orElse(null);
    });

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
        assertThat(polls).isEqualTo(2);
    }

    @Test
    void muchGoesAtOnce() {
        List<SourceRecord> much = records(RecordBatches.MANY);
        script.addAll(List.of(Optional.of(much), Optional.of(records(1))));

        assertThat(batches.next()).isEqualTo(much);
        assertThat(polls).isEqualTo(1);
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
        assertThat(polls).isBetween(1, 30);
    }

    private static List<SourceRecord> records(int count) {
        SourceRecord[] records = new SourceRecord[count];
        Arrays.setAll(records, n -> new SourceRecord(Map.of(), Map.of("offset", (long) n), "flights", null, null));
        return Collections.unmodifiableList(Arrays.asList(records));
    }
}
