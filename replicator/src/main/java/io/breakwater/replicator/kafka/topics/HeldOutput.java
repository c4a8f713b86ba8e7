package io.breakwater.replicator.kafka.topics;

import io.breakwater.platform.PartitionKey;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.connect.source.SourceRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds back records of derived topics that lie beyond their gate, until a newer snapshot has moved it. So the standby's
 * copy ends where a job that is restored there begins to write, and a reader sees each output once.
 *
 * <p>Invariants: the records of a partition leave in the order in which they came; none is lost. What is held has
 * {@link #BYTES} at most; what comes beyond that is dropped and has to be read again, see {@link #isToBeReadAgain}. A gate
 * that stands still for the topic's hold while a record waits has given way: all passes until it moves again. Losing
 * output would be worse than having some of it twice.
 *
 * <p>For one thread; time is a parameter, in nanoseconds of a clock that only goes forward.
 */
final class HeldOutput {

    /** Of keys, values and headers, in all partitions of a task. */
    static final long BYTES = 32L << 20;

    private static final Logger LOG = LoggerFactory.getLogger(HeldOutput.class);

    private final SortedMap<String, Duration> holds;
    private final Gates gates;
    private final long most;
    private final Map<PartitionKey, Queue> queues = new HashMap<>();
    private long bytes;

    /** What waits at one partition's gate. */
    private static final class Queue {
        private final Deque<SourceRecord> records = new ArrayDeque<>();
        private OptionalLong gate = OptionalLong.empty();
        /** Where the gate was when it gave way. */
        private boolean gaveWay;
        /** Since when records have been waiting at this gate. */
        private long since;

        private OptionalLong dropped = OptionalLong.empty();
        /** Whether what waited was dropped, to be read again: it has waited all the time. */
        private boolean isReadAgain;

        boolean isWaiting() {
            return !records.isEmpty() || dropped.isPresent();
        }

        boolean passes(long offset) {
            return gaveWay || offset < gate.orElse(0);
        }
    }

    /** @param holds by derived topic, how long a record waits at most while its gate does not move */
    HeldOutput(SortedMap<String, Duration> holds, Gates gates) {
        this(holds, gates, BYTES);
    }

    /** @param most bytes that are held */
    HeldOutput(SortedMap<String, Duration> holds, Gates gates, long most) {
        this.holds = new TreeMap<>(holds);
        this.gates = gates;
        this.most = most;
    }

    /** What may be written now: of what was held before, and of what has come. */
    List<SourceRecord> pass(List<SourceRecord> come, long now) {
        if (holds.isEmpty()) {
            return come;
        }
        List<SourceRecord> passing = new ArrayList<>(come.size());
        queues.forEach((partition, queue) -> release(partition, queue, passing, now));
        for (SourceRecord record : come) {
            PartitionKey partition = MirrorGuard.partition(record);
            if (!holds.containsKey(partition.topic())) {
                passing.add(record);
                continue;
            }
            Queue queue = queues.computeIfAbsent(partition, key -> {
                Queue made = new Queue();
                made.gate = gates.gate(key);
                return made;
            });
            if (!queue.isWaiting() && queue.passes(MirrorGuard.offset(record))) {
                passing.add(record);
                queue.isReadAgain = false;
            } else {
                hold(queue, record, now);
            }
        }
        return passing;
    }

    private void hold(Queue queue, SourceRecord record, long now) {
        if (!queue.isWaiting() && !queue.isReadAgain) {
            queue.since = now;
        }
        queue.isReadAgain = false;
        long size = MirrorGuard.bytes(record);
        if (queue.dropped.isEmpty() && bytes + size <= most) {
            queue.records.addLast(record);
            bytes += size;
        } else if (queue.dropped.isEmpty()) {
            queue.dropped = OptionalLong.of(MirrorGuard.offset(record));
        }
    }

    private void release(PartitionKey partition, Queue queue, List<SourceRecord> passing, long now) {
        OptionalLong gate = gates.gate(partition);
        if (!gate.equals(queue.gate)) {
            queue.gate = gate;
            queue.since = now;
            if (queue.gaveWay) {
                LOG.info("{} is held back again, at source offset {}", partition, gate);
            }
            queue.gaveWay = false;
        }
        Duration hold = holds.getOrDefault(partition.topic(), Duration.ZERO);
        if (!queue.gaveWay && queue.isWaiting() && now - queue.since > hold.toNanos()) {
            queue.gaveWay = true;
            LOG.error(
                    "{} is not held back any more: its job has had no new restorable snapshot for {} (derived.hold), the"
                            + " last one at source offset {}; a job that is restored now writes again what is carried from"
                            + " there on; see why no snapshot comes",
                    partition,
                    hold,
                    gate.isPresent() ? gate.getAsLong() : "none");
        }
        while (!queue.records.isEmpty() && queue.passes(MirrorGuard.offset(queue.records.getFirst()))) {
            SourceRecord next = queue.records.removeFirst();
            bytes -= MirrorGuard.bytes(next);
            passing.add(next);
        }
    }

    /** Whether records were dropped that may pass now: all are to be read again from where each partition stands. */
    boolean isToBeReadAgain() {
        return queues.values().stream()
                .anyMatch(queue -> queue.records.isEmpty()
                        && queue.dropped.isPresent()
                        && queue.passes(queue.dropped.getAsLong()));
    }

    /** Everything that has not passed is read again. */
    void readAgain() {
        queues.values().forEach(queue -> {
            queue.isReadAgain |= queue.isWaiting();
            queue.records.clear();
            queue.dropped = OptionalLong.empty();
        });
        bytes = 0;
    }
}
