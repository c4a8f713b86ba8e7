package io.breakwater.local.outcome;

import static io.breakwater.local.outcome.Events.PARTITION;
import static io.breakwater.local.outcome.Events.event;
import static io.breakwater.local.outcome.Events.local;
import static io.breakwater.local.outcome.Events.mirrored;
import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.local.journal.Entry;
import io.breakwater.local.journal.Journals;
import io.breakwater.platform.Flow;
import io.breakwater.platform.OffsetVector;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** East acknowledged ids 1 to 5 at offsets 0 to 4, the mirror brought 1 to 4 to offsets 10 to 13, then 7 came west. */
class KafkaOutcomeTest {

    private static final Instant KILLED = Instant.ofEpochMilli(10_000);
    private static final List<StoredEvent> WEST = List.of(
            mirrored(10, 0, event("SFO", 1, 1)),
            mirrored(11, 1, event("SFO", 2, 2)),
            mirrored(12, 2, event("SFO", 3, 3)),
            mirrored(13, 3, event("SFO", 4, 4)),
            local(15, event("SFO", 7, 7)));

    private final List<Entry.Acknowledged> acknowledged = new ArrayList<>();
    private final List<Entry.Processed> processed = new ArrayList<>();
    private final List<Entry.Committed> committed = new ArrayList<>();
    private final List<Entry.Started> started = new ArrayList<>();
    private List<Long> ledger = List.of(5L, 6L);

    KafkaOutcomeTest() {
        for (long id = 1; id <= 5; id++) {
            acknowledged.add(new Entry.Acknowledged("east", id, PARTITION, id - 1, 9_000 + id, 9_500));
        }
        acknowledged.add(new Entry.Acknowledged("west", 7, PARTITION, 15, 12_000, 12_000));
        process("east", 1, 0);
        process("east", 2, 1);
        process("east", 3, 2);
        commit(1, 7_000);
        commit(2, 9_000);
        start(12);
        process("west", 3, 12);
        process("west", 4, 13);
        process("west", 7, 15);
    }

    @Test
    void accountsForEveryAcknowledgedRecord() {
        KafkaOutcome outcome = outcome(2);

        assertThat(outcome.acked()).isEqualTo(5);
        assertThat(outcome.mirrored()).isEqualTo(4);
        assertThat(outcome.lost()).isEqualTo(1);
        assertThat(outcome.lostInLedger()).isEqualTo(1);
        assertThat(outcome.ledgerUnacked()).isEqualTo(1);
    }

    @Test
    void aLostRecordThatTheLedgerLeavesOutIsNotCounted() {
        ledger = List.of(6L);

        KafkaOutcome outcome = outcome(2);

        assertThat(outcome.lostInLedger()).isZero();
        assertThat(outcome.ledgerUnacked()).isEqualTo(1);
    }

    @Test
    void anExactPositionHasNoErrorSkipsNothingAndReadsNothingAgain() {
        KafkaOutcome outcome = outcome(2);

        assertThat(outcome.translationError()).isZero();
        assertThat(outcome.skipped()).isZero();
        assertThat(outcome.reread()).isZero();
        assertThat(outcome.committedLast()).isEqualTo(1);
    }

    @Test
    void aPositionTooEarlyIsAnErrorAndReadsCommittedRecordsAgain() {
        started.clear();
        start(10);
        process("west", 1, 10);
        process("west", 2, 11);

        KafkaOutcome outcome = outcome(2);

        assertThat(outcome.translationError()).isEqualTo(2);
        assertThat(outcome.reread()).isEqualTo(2);
    }

    @Test
    void aPositionTooLateIsAnErrorAndSkips() {
        started.clear();
        start(14);
        processed.removeIf(entry -> entry.region().equals("west") && entry.offset() < 14);

        KafkaOutcome outcome = outcome(2);

        assertThat(outcome.translationError()).isEqualTo(2);
        assertThat(outcome.skipped()).isEqualTo(1);
    }

    @Test
    void aPositionPastTheMirroredTailIsTheFirstLocalRecordOrTheEndBeforeIt() {
        started.clear();
        start(14);

        assertThat(outcome(5).translationError()).isZero();
    }

    @Test
    void aPartitionThatTheGroupNeverBeganIsAllError() {
        started.clear();

        assertThat(outcome(2).translationError()).isEqualTo(WEST.size());
    }

    @Test
    void theOldestLostRecordTellsTheRecoveryPoint() {
        assertThat(KafkaOutcome.oldestLost(inputs(2))).hasValue(Instant.ofEpochMilli(9_005));
    }

    private KafkaOutcome outcome(long committedPosition) {
        return KafkaOutcome.of(inputs(committedPosition));
    }

    private KafkaOutcome.Inputs inputs(long committedPosition) {
        Journals journals = new Journals(acknowledged, processed, committed, started, List.of(), List.of());
        return new KafkaOutcome.Inputs(
                journals,
                new Flow("east", "west"),
                KILLED,
                WEST,
                ledger,
                new OffsetVector(Map.of(PARTITION, committedPosition)));
    }

    private void process(String region, long id, long offset) {
        processed.add(new Entry.Processed(region, id, PARTITION, offset, 9_600));
    }

    private void commit(long position, long at) {
        committed.add(new Entry.Committed("east", PARTITION, position, at));
    }

    private void start(long position) {
        started.add(new Entry.Started("west", PARTITION, position, 11_000));
    }
}
