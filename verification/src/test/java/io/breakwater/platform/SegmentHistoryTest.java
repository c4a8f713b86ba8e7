package io.breakwater.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.breakwater.platform.Segment.Range;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SegmentHistoryTest {

    private static final Flow THERE = new Flow("east", "west");
    private static final Flow BACK = THERE.reversed();
    private static final PartitionKey BUSY = new PartitionKey("flights.events", 0);
    private static final PartitionKey IDLE = new PartitionKey("flights.events", 1);

    @Test
    void keepsBothDirectionsInOrder() {
        SegmentHistory history = twoLegs();

        assertThat(history.open(BACK)).map(Segment::epoch).contains(new Epoch(2));
        assertThat(history.open(THERE)).isEmpty();
    }

    @Test
    void isTheSameAfterJson() throws JsonProcessingException {
        SegmentHistory history = twoLegs();

        String json = Json.MAPPER.writeValueAsString(history);

        assertThat(json).contains("\"flights.events-0\":\"0..120>0..118\"").contains("\"118..>125..\"");
        assertThat(Json.MAPPER.readValue(json, SegmentHistory.class)).isEqualTo(history);
    }

    @Test
    void aFlowBeginsOnlyAfterTheLastOneEnded() {
        assertThatThrownBy(() -> twoLegs().begun(open(3, THERE, Map.of())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("open");
        assertThatThrownBy(() -> SegmentHistory.NONE.begun(open(2, BACK, Map.of())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("never recorded");
    }

    @Test
    void onlyTheNewestFlowEndsAndWhereItBegan() {
        assertThatThrownBy(() -> twoLegs().ended(closed(1, THERE, Map.of(BUSY, Range.closed(0, 130, 0, 128)))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> twoLegs().ended(closed(2, BACK, Map.of(BUSY, Range.closed(0, 130, 0, 128)))))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anEndRecordedAgainReplacesTheOlderOne() {
        SegmentHistory once = SegmentHistory.NONE.ended(closed(1, THERE, Map.of(BUSY, Range.closed(0, 10, 0, 10))));

        SegmentHistory again = once.ended(closed(1, THERE, Map.of(BUSY, Range.closed(0, 12, 0, 12))));

        assertThat(again.segments()).hasSize(1);
        assertThat(again.last().orElseThrow().range(BUSY)).contains(Range.closed(0, 12, 0, 12));
    }

    @Test
    void anUndoneOperationLetsTheFlowRunOn() {
        SegmentHistory ended = SegmentHistory.NONE.ended(closed(1, THERE, Map.of(BUSY, Range.closed(0, 10, 0, 10))));

        SegmentHistory reopened = ended.reopened(THERE);

        assertThat(reopened.open(THERE).orElseThrow().range(BUSY)).contains(Range.WHOLE);
        assertThat(twoLegs().reopened(BACK)).isEqualTo(twoLegs());
    }

    @Test
    void anIdlePartitionsRangesBecomeOneAndABusyOnesStayApart() {
        SegmentHistory history = twoLegs()
                .ended(closed(
                        2, BACK, Map.of(BUSY, Range.closed(118, 200, 125, 205), IDLE, Range.closed(50, 50, 52, 52))))
                .begun(open(3, THERE, Map.of(BUSY, Range.openFrom(205, 200), IDLE, Range.openFrom(52, 50))))
                .ended(closed(
                        3, THERE, Map.of(BUSY, Range.closed(205, 300, 200, 295), IDLE, Range.closed(52, 60, 50, 58))))
                .begun(open(4, BACK, Map.of(BUSY, Range.openFrom(295, 300), IDLE, Range.openFrom(58, 60))))
                .compacted(Map.of());

        assertThat(history.segments()).hasSize(4);
        assertThat(history.segments().get(0).partitions()).containsOnlyKeys(BUSY);
        assertThat(history.segments().get(1).partitions()).containsOnlyKeys(BUSY);
        assertThat(history.segments().get(2).range(IDLE)).contains(Range.closed(0, 60, 0, 58));
    }

    @Test
    void rangesWhoseRecordsAreGoneOnBothClustersAreForgotten() {
        Map<String, OffsetVector> oneSide = Map.of("east", new OffsetVector(Map.of(BUSY, 120L)));
        Map<String, OffsetVector> bothSides = Map.of(
                "east", new OffsetVector(Map.of(BUSY, 120L)), "west", new OffsetVector(Map.of(BUSY, 118L, IDLE, 50L)));

        assertThat(twoLegs().compacted(oneSide).segments()).hasSize(2);
        assertThat(twoLegs().compacted(bothSides).segments().get(0).partitions())
                .containsOnlyKeys(IDLE);
    }

    @Test
    void rangesOfATopicThatWasMadeAgainAreForgotten() {
        SegmentHistory history = SegmentHistory.NONE
                .ended(closed(1, THERE, Map.of(BUSY, Range.closed(0, 120, 0, 118), IDLE, Range.closed(0, 0, 0, 0))))
                .begun(open(2, BACK, Map.of(BUSY, Range.openFrom(3, 3), IDLE, Range.openFrom(0, 0))));

        assertThat(history.segments().get(0).partitions()).containsOnlyKeys(IDLE);
    }

    @Test
    void isLimited() {
        SegmentHistory history = SegmentHistory.NONE;
        for (int epoch = 1; epoch <= 3 * SegmentHistory.KEPT; epoch++) {
            Flow flow = epoch % 2 == 1 ? THERE : BACK;
            long from = epoch * 10L;
            if (epoch > 1) {
                history = history.begun(open(epoch, flow, Map.of(BUSY, Range.openFrom(from, from))));
            }
            history = history.ended(closed(epoch, flow, Map.of(BUSY, Range.closed(from, from + 10, from, from + 10))));
        }

        assertThat(history.segments()).hasSize(SegmentHistory.KEPT);
    }

    private static SegmentHistory twoLegs() {
        return SegmentHistory.NONE
                .ended(closed(1, THERE, Map.of(BUSY, Range.closed(0, 120, 0, 118), IDLE, Range.closed(0, 52, 0, 50))))
                .begun(open(2, BACK, Map.of(BUSY, Range.openFrom(118, 125), IDLE, Range.openFrom(50, 52))));
    }

    private static Segment open(long epoch, Flow flow, Map<PartitionKey, Range> ranges) {
        return segment(epoch, flow, true, ranges);
    }

    private static Segment closed(long epoch, Flow flow, Map<PartitionKey, Range> ranges) {
        return segment(epoch, flow, false, ranges);
    }

    private static Segment segment(long epoch, Flow flow, boolean open, Map<PartitionKey, Range> ranges) {
        return new Segment(
                new Epoch(epoch),
                flow,
                open,
                Optional.of("source-of-" + flow),
                new TreeMap<>(Map.of("flights.events", "topic-in-" + flow.from())),
                new TreeMap<>(ranges));
    }
}
