package io.breakwater.controller.runbook.steps;

import io.breakwater.platform.Flow;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.ReplicaPosition;
import io.breakwater.platform.ReplicaPosition.Outputs;
import io.breakwater.platform.SegmentHistory;
import io.breakwater.region.PositionTranslator.Translation;
import io.breakwater.region.RecordCount;
import io.breakwater.region.RecordCount.Counted;
import io.breakwater.region.RecordCount.Stretch;
import io.breakwater.region.SegmentTranslator;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.Uuid;

/**
 * Which output of a job the standby has already, and the job writes a second time when it is restored from a snapshot:
 * what was mirrored of its outputs from the snapshot's place in them up to the end of the fenced flow. Only of jobs that
 * declare {@code outputs}. Reads the promoted region only, at most {@link #COUNTED} offsets.
 */
final class RewrittenOutput {

    /** Beyond so many offsets in all, records are not counted: it would hold up the operation. */
    static final long COUNTED = 2_000_000;

    private final Flow flow;
    private final SegmentHistory history;
    private final Segments segments;
    private final Map<String, Object> settings;

    /**
     * @param flow that was fenced
     * @param history of the group, with the segment that has ended
     * @param segments where that one ended
     * @param settings client settings of the promoted region
     */
    RewrittenOutput(Flow flow, SegmentHistory history, Segments segments, Map<String, Object> settings) {
        this.flow = flow;
        this.history = history;
        this.segments = segments;
        this.settings = settings;
    }

    /**
     * Of one job.
     *
     * @param ranges partitions in which something is written again; empty if there are none
     * @param unknown why that is not known; empty if it is, or if the job declares no outputs
     */
    record Of(List<RewrittenRange> ranges, Optional<String> unknown) {

        static final Of NOTHING = new Of(List.of(), Optional.empty());

        Of {
            ranges = List.copyOf(ranges);
        }

        static Of unknown(String why) {
            return new Of(List.of(), Optional.of(why));
        }

        /** For people; empty if nothing is written again. */
        Optional<String> text(String job) {
            if (ranges.isEmpty()) {
                return unknown.map(why -> "what job " + job + " writes once more is not known: " + why);
            }
            long most = ranges.stream()
                    .mapToLong(r -> r.records().orElse(r.to() - r.from()))
                    .sum();
            long least =
                    ranges.stream().mapToLong(r -> r.certainRecords().orElse(0)).sum();
            String topics = String.join(
                    ", ",
                    new TreeSet<>(ranges.stream().map(RewrittenRange::topic).toList()));
            return Optional.of("job " + job + " writes " + (least == most ? "" : least + " to ") + most
                    + " records once more that " + topics + " has already");
        }
    }

    /** @throws org.apache.kafka.common.KafkaException if the promoted region does not answer */
    Of of(ReplicaPosition snapshot) {
        if (snapshot.outputs().isEmpty() || segments.sourceClusterId().isEmpty()) {
            return Of.NOTHING;
        }
        Outputs outputs = snapshot.outputs().get();
        SortedMap<PartitionKey, Stretch> stretches = stretches(outputs);
        long offsets =
                stretches.values().stream().mapToLong(s -> s.to() - s.from()).sum();
        Map<PartitionKey, Counted> counted = offsets > COUNTED || stretches.isEmpty() ? Map.of() : counted(stretches);
        List<RewrittenRange> ranges = new ArrayList<>();
        stretches.forEach((partition, stretch) -> {
            Optional<Counted> known = Optional.ofNullable(counted.get(partition));
            boolean isOfMarkersOnly = known.filter(count -> count.all() == 0).isPresent();
            if (!isOfMarkersOnly) {
                ranges.add(new RewrittenRange(
                        partition.topic(),
                        partition.partition(),
                        stretch.from(),
                        stretch.split(),
                        stretch.to(),
                        known.map(count -> OptionalLong.of(count.all())).orElse(OptionalLong.empty()),
                        known.map(count -> OptionalLong.of(count.fromSplit())).orElse(OptionalLong.empty())));
            }
        });
        return new Of(ranges, Optional.empty());
    }

    private SortedMap<PartitionKey, Stretch> stretches(Outputs outputs) {
        Map<PartitionKey, SortedSet<Long>> wanted = new HashMap<>();
        outputs.after().ends().forEach((partition, after) -> {
            SortedSet<Long> both = new TreeSet<>(List.of(before(outputs, partition), after));
            both.removeIf(position -> position >= segments.sourceEnd(partition));
            if (!both.isEmpty()) {
                wanted.put(partition, both);
            }
        });
        SortedMap<PartitionKey, SortedMap<Long, Translation>> found = translated(wanted);
        SortedMap<PartitionKey, Stretch> stretches = new TreeMap<>();
        outputs.after().ends().forEach((partition, after) -> {
            Segments.Segment segment = segments.partitions().get(partition);
            if (segment != null) {
                SortedMap<Long, Translation> places = found.getOrDefault(partition, new TreeMap<>());
                long from = place(places, before(outputs, partition), segment.targetEnd());
                long split = place(places, after, segment.targetEnd());
                if (from < segment.targetEnd()) {
                    stretches.put(partition, new Stretch(from, Math.max(from, split), segment.targetEnd()));
                }
            }
        });
        return stretches;
    }

    /** A partition that was not there before the snapshot had nothing. */
    private static long before(Outputs outputs, PartitionKey partition) {
        return outputs.before().end(partition).orElse(0);
    }

    private static long place(SortedMap<Long, Translation> places, long position, long end) {
        Translation place = places.get(position);
        return place == null ? end : Math.min(end, place.offset());
    }

    private SortedMap<PartitionKey, SortedMap<Long, Translation>> translated(
            Map<PartitionKey, SortedSet<Long>> wanted) {
        if (wanted.isEmpty()) {
            return new TreeMap<>();
        }
        Optional<Uuid> source = segments.sourceClusterId().map(Uuid::fromString);
        try (SegmentTranslator translator = new SegmentTranslator(flow, settings, Optional.empty())) {
            return translator.search(history, source, Map.of(), wanted);
        }
    }

    private SortedMap<PartitionKey, Counted> counted(SortedMap<PartitionKey, Stretch> stretches) {
        try (RecordCount count = new RecordCount(settings)) {
            return count.count(stretches);
        }
    }
}
