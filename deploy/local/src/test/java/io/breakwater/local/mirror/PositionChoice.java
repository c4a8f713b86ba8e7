package io.breakwater.local.mirror;

import io.breakwater.platform.PartitionKey;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;

/** Places on the source at which a translation could go wrong, and any others. */
final class PositionChoice {

    /** What a chosen place is. */
    enum Kind {
        BEGIN,
        END,
        ABORTED,
        CONTROL,
        BELOW_RETENTION,
        ANYWHERE
    }

    private final Random random;
    private final Admin source;
    private final MixedTraffic traffic;
    private final SortedMap<Kind, Integer> kinds = new TreeMap<>();
    private final Map<PartitionKey, Integer> turns = new HashMap<>();

    PositionChoice(Random random, Admin source, MixedTraffic traffic) {
        this.random = random;
        this.source = source;
        this.traffic = traffic;
    }

    /** How often each kind was chosen. */
    SortedMap<Kind, Integer> kinds() {
        return new TreeMap<>(kinds);
    }

    /** Each kind that the partition has places of comes in turn. */
    long next(PartitionKey partition) throws Exception {
        TopicPartition kafkas = new TopicPartition(partition.topic(), partition.partition());
        long begin = offset(kafkas, OffsetSpec.earliest());
        long end = offset(kafkas, OffsetSpec.latest());
        SortedMap<Kind, List<Long>> places = new TreeMap<>();
        places.put(Kind.BEGIN, List.of(begin == 0 || random.nextBoolean() ? 0 : begin));
        places.put(Kind.END, List.of(end));
        places.put(Kind.ABORTED, traffic.aborted(partition));
        places.put(Kind.CONTROL, traffic.controls(partition));
        places.put(Kind.BELOW_RETENTION, begin == 0 ? List.of() : List.of(random.nextLong(begin)));
        places.put(Kind.ANYWHERE, List.of(random.nextLong(end + 1)));
        places.values().removeIf(List::isEmpty);
        int turn = turns.merge(partition, 1, Integer::sum);
        Kind kind = List.copyOf(places.keySet()).get(turn % places.size());
        kinds.merge(kind, 1, Integer::sum);
        List<Long> of = places.getOrDefault(kind, List.of());
        return of.get(random.nextInt(of.size()));
    }

    private long offset(TopicPartition partition, OffsetSpec spec) throws Exception {
        return source.listOffsets(Map.of(partition, spec))
                .partitionResult(partition)
                .get()
                .offset();
    }
}
