package io.breakwater.region;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.platform.Epoch;
import io.breakwater.platform.Flow;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.Segment;
import io.breakwater.platform.Segment.Range;
import io.breakwater.platform.SegmentHistory;
import io.breakwater.region.PositionTranslator.Translation;
import io.breakwater.region.SegmentWalk.Look;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;

/** One partition on two clusters, over several moves, in memory: each position against what a linear scan finds. */
class SegmentWalkTest {

    private static final PartitionKey PARTITION = new PartitionKey("flights.events", 0);
    private static final Flow EAST_WEST = new Flow("east", "west");

    /** @param id the same wherever the record is; offsets have gaps */
    private record Stored(long offset, long id, Optional<ProvenanceStamp> stamp) {}

    /** One cluster's partition. */
    private static final class Log {
        private final Uuid clusterId = Uuid.randomUuid();
        private final Uuid topicId = Uuid.randomUuid();
        private final List<Stored> records = new ArrayList<>();
        private long end;

        void add(long id, Optional<ProvenanceStamp> stamp, Random random) {
            records.add(new Stored(end, id, stamp));
            end += 1 + (random.nextInt(4) == 0 ? random.nextInt(3) : 0);
        }

        Optional<Stored> from(long offset) {
            return records.stream().filter(record -> record.offset() >= offset).findFirst();
        }

        Optional<Stored> byId(long id) {
            return records.stream().filter(record -> record.id() == id).findFirst();
        }
    }

    /** Some moves to and fro. */
    private static final class Story {
        private final Random random;
        private final Map<String, Log> logs = Map.of("east", new Log(), "west", new Log());
        private SegmentHistory history = SegmentHistory.NONE;
        private Flow flow = EAST_WEST;
        private long epoch = 1;
        private long nextId;

        Story(long seed) {
            random = new Random(seed);
        }

        Log source() {
            return log(logs, flow.from());
        }

        Log target() {
            return log(logs, flow.to());
        }

        /** Writes on the source; all but a tail of it is carried. */
        long run(boolean loses) {
            long from = source().end;
            for (int i = random.nextInt(12); i > 0; i--) {
                source().add(nextId++, Optional.empty(), random);
            }
            long lost = loses ? random.nextInt(3) : 0;
            List<Stored> written =
                    source().records.stream().filter(r -> r.offset() >= from).toList();
            long carriedTo = from;
            for (Stored record : written.subList(0, (int) Math.max(0, written.size() - lost))) {
                ProvenanceStamp stamp = new ProvenanceStamp(source().clusterId, source().topicId, 0, record.offset());
                target().add(record.id(), Optional.of(stamp), random);
                carriedTo = record.offset() + 1;
            }
            return carriedTo;
        }

        void move() {
            Range begun = history.open(flow)
                    .flatMap(segment -> segment.range(PARTITION))
                    .orElse(Range.WHOLE);
            long carriedTo = Math.max(begun.sourceFrom(), run(true));
            history = history.ended(
                    segment(false, Range.closed(begun.sourceFrom(), carriedTo, begun.targetFrom(), target().end)));
            flow = flow.reversed();
            epoch++;
        }

        void begin() {
            history = history.begun(segment(true, Range.openFrom(source().end, target().end)))
                    .compacted(Map.of());
        }

        private Segment segment(boolean open, Range range) {
            return new Segment(
                    new Epoch(epoch),
                    flow,
                    open,
                    Optional.of(source().clusterId.toString()),
                    new TreeMap<>(Map.of(PARTITION.topic(), source().topicId.toString())),
                    new TreeMap<>(Map.of(PARTITION, range)));
        }
    }

    private static Log log(Map<String, Log> logs, String region) {
        return Objects.requireNonNull(logs.get(region));
    }

    @Test
    void aRunningFlowsPositionsAreThoseOfALinearScan() {
        long told = 0;
        for (long seed = 1; seed <= 300; seed++) {
            Story story = new Story(seed);
            for (int moves = story.random.nextInt(5); moves > 0; moves--) {
                story.move();
                story.begin();
            }
            story.run(story.random.nextBoolean());
            told += check(seed, story.logs, story.history, story.flow);
        }
        assertThat(told).isGreaterThan(3_000);
    }

    @Test
    void anEndedFlowsPositionsAreThoseOfALinearScan() {
        for (long seed = 1; seed <= 300; seed++) {
            Story story = new Story(seed);
            for (int moves = story.random.nextInt(4); moves > 0; moves--) {
                story.move();
                story.begin();
            }
            Flow ended = story.flow;
            story.move();
            check(seed, story.logs, story.history, ended);
        }
    }

    private static long check(long seed, Map<String, Log> logs, SegmentHistory history, Flow flow) {
        Log source = log(logs, flow.from());
        Log target = log(logs, flow.to());
        long last = source.end + 2;
        LongStream.rangeClosed(0, last).forEach(position -> {
            String what = "seed " + seed + ", position " + position + " of " + flow + " in " + history;
            Optional<Long> expected = source.records.stream()
                    .filter(record -> record.offset() >= position)
                    .flatMap(record -> target.byId(record.id()).stream())
                    .map(Stored::id)
                    .findFirst();
            Optional<Translation> found = translate(history, flow, position, source, target);
            assertThat(found).as(what).isPresent();
            assertThat(found.get().pastTail()).as(what).isEqualTo(expected.isEmpty());
            if (expected.isPresent()) {
                assertThat(target.from(found.get().offset()).map(Stored::id))
                        .as(what)
                        .isEqualTo(expected);
            } else {
                assertThat(found.get().offset()).as(what).isEqualTo(target.end);
            }
        });
        return last + 1;
    }

    @Test
    void withTheSourceDeadWhatCameFromTheTargetIsLeftOut() {
        Story story = new Story(3);
        story.nextId = 0;
        for (int i = 0; i < 10; i++) {
            story.source().add(story.nextId++, Optional.empty(), story.random);
        }
        story.move();
        story.begin();
        Log west = story.source();
        long inside = west.records.get(2).offset();

        SegmentWalk walk = walk(story.history, story.flow, inside, west);
        walk.originUnknown();
        SegmentWalk begin = walk(story.history, story.flow, 0, west);

        assertThat(walk.look()).isEmpty();
        assertThat(walk.translation()).isEmpty();
        assertThat(begin.translation()).contains(new Translation(0, false));
    }

    @Test
    void aTopicThatWasMadeAgainCountsFromItsNewBeginning() {
        Story story = new Story(4);
        story.move();
        story.begin();
        long targetFrom = story.target().end;

        SegmentWalk walk = new SegmentWalk(
                story.history,
                story.flow,
                PARTITION,
                0,
                Optional.of(story.source().clusterId),
                Optional.of(Uuid.randomUuid()));

        assertThat(walk.look())
                .get()
                .isInstanceOfSatisfying(
                        Look.AtStamps.class,
                        at -> assertThat(at.within().from()).isEqualTo(targetFrom));
    }

    private static SegmentWalk walk(SegmentHistory history, Flow flow, long position, Log source) {
        return new SegmentWalk(
                history, flow, PARTITION, position, Optional.of(source.clusterId), Optional.of(source.topicId));
    }

    /** Answers what the walk asks for, from memory. */
    private static Optional<Translation> translate(
            SegmentHistory history, Flow flow, long position, Log source, Log target) {
        SegmentWalk walk = walk(history, flow, position, source);
        for (Optional<Look> look = walk.look(); look.isPresent(); look = walk.look()) {
            if (look.get() instanceof Look.AtStamps at) {
                long to = at.within().to().orElse(target.end);
                walk.stampsRead(Optional.of(records(target, at.within().from(), to)
                        .filter(record -> record.stamp()
                                .filter(stamp -> stamp.clusterId().equals(at.clusterId()))
                                .filter(stamp -> stamp.offset() >= at.position())
                                .isPresent())
                        .findFirst()
                        .map(record -> new Translation(record.offset(), false))
                        .orElse(new Translation(to, true))));
            } else if (look.get() instanceof Look.AtOrigin at) {
                Optional<Stored> record =
                        records(source, at.from(), at.to().orElse(source.end)).findFirst();
                if (record.isPresent()) {
                    walk.originRead(record.get().stamp());
                } else {
                    walk.originEmpty();
                }
            }
        }
        return walk.translation();
    }

    private static Stream<Stored> records(Log log, long from, long to) {
        return log.records.stream().filter(record -> record.offset() >= from && record.offset() < to);
    }
}
