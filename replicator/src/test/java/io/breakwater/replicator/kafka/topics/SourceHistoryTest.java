package io.breakwater.replicator.kafka.topics;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.platform.Alarm;
import io.breakwater.platform.PartitionKey;
import io.breakwater.replicator.kafka.topics.SourceHistory.Look;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;

class SourceHistoryTest {

    private static final PartitionKey PARTITION = new PartitionKey("flights.events", 0);
    private static final Instant NOW = Instant.parse("2026-11-22T09:00:00Z");
    private static final Optional<Uuid> FIRST = Optional.of(new Uuid(1, 1));
    private static final Optional<Uuid> SECOND = Optional.of(new Uuid(2, 2));
    private static final Optional<Uuid> COPY = Optional.of(new Uuid(3, 3));

    private final SourceHistory history = new SourceHistory("east", "west", 1);

    @Test
    void aMirrorThatKeepsUpIsWell() {
        observe(look(0, 10, 10, false), 0);

        assertThat(observe(look(8, 20, 20, false), 1)).isEmpty();
    }

    @Test
    void offsetsDeletedBeforeTheyWereMirroredAreNamed() {
        observe(look(0, 30, 10, true), 0);

        List<Alarm> alarms = observe(look(25, 30, 10, true), 1);

        assertThat(alarms).singleElement().satisfies(alarm -> {
            assertThat(alarm.kind()).isEqualTo("lost-range");
            assertThat(alarm.message()).contains("offsets 10 to 24 of partition flights.events-0 on east", "west");
            assertThat(alarm.blocking()).isFalse();
        });
        assertThat(observe(look(25, 30, 30, false), 2)).isEqualTo(alarms);
    }

    @Test
    void aRecordThatCameJustInTimeIsNotLost() {
        observe(look(0, 30, 10, true), 0);

        List<Alarm> alarms =
                history.observe(Map.of(PARTITION, look(25, 30, 30, false)), Map.of(PARTITION, 10L), NOW.plusSeconds(1));

        assertThat(alarms).isEmpty();
    }

    @Test
    void theGapEndsWhereTheMirrorWentOn() {
        observe(look(0, 30, 10, true), 0);

        assertThat(history.suspects(Map.of(PARTITION, look(25, 30, 30, false)))).containsEntry(PARTITION, 1010L);
        List<Alarm> alarms =
                history.observe(Map.of(PARTITION, look(25, 30, 30, false)), Map.of(PARTITION, 18L), NOW.plusSeconds(1));

        assertThat(alarms)
                .singleElement()
                .satisfies(alarm -> assertThat(alarm.message()).contains("offsets 10 to 17 "));
    }

    @Test
    void whatIsKnownOutlivesARestart() {
        observe(look(0, 30, 10, true), 0);
        SourceHistory restarted = new SourceHistory("east", "west", 1);
        restarted.recall(history.memory());

        List<Alarm> alarms = restarted.observe(Map.of(PARTITION, look(25, 30, 10, true)), Map.of(), NOW.plusSeconds(9));
        SourceHistory again = new SourceHistory("east", "west", 1);
        again.recall(restarted.memory());

        assertThat(alarms).hasSize(1);
        assertThat(again.observe(Map.of(PARTITION, look(25, 30, 30, false)), Map.of(), NOW.plusSeconds(10)))
                .isEqualTo(alarms);
    }

    @Test
    void whatWasSeenInAnotherEpochDoesNotCount() {
        observe(look(0, 30, 10, true), 0);
        SourceHistory after = new SourceHistory("east", "west", 3);
        after.recall(history.memory());

        assertThat(after.observe(Map.of(PARTITION, look(25, 30, 10, true)), Map.of(), NOW.plusSeconds(9)))
                .isEmpty();
    }

    @Test
    void aSourceThatIsShorterThanItsCopyIsToldAfterAMomentOfDoubt() {
        assertThat(observe(look(0, 20, 30, false), 0)).isEmpty();

        List<Alarm> alarms = observe(look(0, 20, 30, false), SourceHistory.DOUBT.toSeconds());

        assertThat(alarms).singleElement().satisfies(alarm -> {
            assertThat(alarm.kind()).isEqualTo("truncated");
            assertThat(alarm.message()).contains("ended at 20 on east", "up to 30", "offsets 20 to 29");
            assertThat(alarm.blocking()).isTrue();
        });
        assertThat(observe(look(0, 40, 30, false), 10)).isEqualTo(alarms);
        assertThat(observe(look(0, 40, 5, false), 20)).isEmpty();
    }

    @Test
    void whatASourceLostIsOverOnceTheCopyIsAnotherEvenIfThatOneIsLonger() {
        observe(look(0, 20, 30, false), 0);
        observe(look(0, 20, 30, false), SourceHistory.DOUBT.toSeconds());
        SourceHistory restarted = new SourceHistory("east", "west", 1);
        restarted.recall(history.memory());
        Look longer = look(0, 40, 40, false);
        Look anew = new Look(0, 40, 40, 1040, 40, false, FIRST, FIRST, SECOND);

        assertThat(restarted.observe(Map.of(PARTITION, longer), Map.of(), NOW.plusSeconds(9)))
                .hasSize(1);
        assertThat(restarted.observe(Map.of(PARTITION, anew), Map.of(), NOW.plusSeconds(10)))
                .isEmpty();
    }

    @Test
    void aTopicMadeAnewIsTold() {
        Look anew = new Look(0, 3, 10, 1010, 3, false, SECOND, FIRST, COPY);

        List<Alarm> alarms = observe(anew, 0);

        assertThat(alarms).singleElement().satisfies(alarm -> {
            assertThat(alarm.kind()).isEqualTo("made-anew");
            assertThat(alarm.subject()).isEqualTo("flights.events");
            assertThat(alarm.blocking()).isTrue();
        });
    }

    @Test
    void standingStillIsAnAlarmOnlyWhereARecordWaits() {
        observe(look(0, 30, 10, true), 0);
        long over = SourceHistory.STANDSTILL.toSeconds();

        assertThat(observe(look(0, 31, 10, true), over - 1)).isEmpty();
        assertThat(observe(look(0, 31, 10, true), over)).singleElement().satisfies(alarm -> {
            assertThat(alarm.kind()).isEqualTo("no-progress");
            assertThat(alarm.message()).contains("offset 10 of east waits", "flights.events-0 is no longer mirrored");
        });
        assertThat(observe(look(0, 31, 11, true), over + 1)).isEmpty();
        assertThat(observe(look(0, 31, 31, false), 3 * over)).isEmpty();
    }

    private List<Alarm> observe(Look look, long second) {
        return history.observe(Map.of(PARTITION, look), Map.of(), NOW.plusSeconds(second));
    }

    private static Look look(long sourceBegin, long sourceEnd, long mirroredEnd, boolean isWaiting) {
        long through = isWaiting ? Math.max(mirroredEnd, sourceBegin) : Math.max(sourceEnd, sourceBegin);
        return new Look(
                sourceBegin, sourceEnd, mirroredEnd, 1000 + mirroredEnd, through, isWaiting, FIRST, FIRST, COPY);
    }
}
