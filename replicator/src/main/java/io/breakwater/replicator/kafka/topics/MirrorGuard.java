package io.breakwater.replicator.kafka.topics;

import io.breakwater.platform.PartitionKey;
import io.breakwater.region.ProvenanceStamp;
import io.breakwater.replicator.kafka.topics.ParkedPartitions.Need;
import io.breakwater.replicator.kafka.topics.SourceOrder.Admission;
import io.breakwater.replicator.kafka.topics.SourceOrder.Course;
import io.breakwater.replicator.kafka.topics.TargetTopics.Room;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.mirror.MirrorUtils;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at each record before it is written, and stamps those that may be. What is the same for all records of a
 * partition is looked up once for each run of them: MirrorMaker gives the records of a poll partition by partition.
 * For one thread.
 */
final class MirrorGuard {

    private static final Logger LOG = LoggerFactory.getLogger(MirrorGuard.class);

    /**
     * Of so many records of a partition that come at once, only the last one is a landmark: for each one MirrorMaker keeps
     * statistics, which costs more than the stamp. It writes an offset sync for each 100 at best.
     */
    static final int MANY = 200;

    private final Ids ids;
    private final Rooms rooms;
    private final SourceOrder order;
    private final ParkedPartitions parked;

    /** What the source is asked. */
    interface Ids {

        /** Of the cluster; empty until it has answered. */
        Optional<Uuid> clusterId();

        /** Of a topic, the newest that is known. */
        Optional<Uuid> id(String topic);
    }

    /** What the standby is asked. */
    interface Rooms {

        /** Whether a partition may be mirrored from its beginning, of which nothing was mirrored before. */
        Room beginning(PartitionKey partition, Uuid topicId) throws InterruptedException;

        /** Of the topic's copy, as it is known since {@link #room} has found some in it. */
        Optional<Uuid> copyId(String topic);

        /** @param bytes of the record's key, value and headers */
        Room room(PartitionKey partition, long bytes) throws InterruptedException;

        /** Whether a copy is there and has no record; false also if that is not known now. */
        boolean isEmpty(PartitionKey partition) throws InterruptedException;
    }

    /** @param parked what is left out goes there */
    MirrorGuard(Ids ids, Rooms rooms, SourceOrder order, ParkedPartitions parked) {
        this.ids = ids;
        this.rooms = rooms;
        this.order = order;
        this.parked = parked;
    }

    /**
     * What becomes of the records of a poll; those that are in neither list are left out.
     *
     * @param admitted with their stamps, to be written now
     * @param waiting the rest, from the first record on that cannot be judged yet
     * @param obstacle why they wait; empty if none does
     */
    record Judgement(List<SourceRecord> admitted, List<SourceRecord> waiting, Optional<String> obstacle) {}

    /** What was done with the first records of a run. */
    private sealed interface Turn {

        /** They are admitted or left out. */
        record Done(int records) implements Turn {}

        /** Nothing can be said yet. */
        record Wait(String why) implements Turn {}
    }

    /** If the thread is interrupted meanwhile, the rest waits, and the thread stays interrupted. */
    Judgement judge(List<SourceRecord> records) {
        List<SourceRecord> admitted = new ArrayList<>(records.size());
        int done = 0;
        Optional<String> obstacle = Optional.empty();
        try {
            while (done < records.size() && obstacle.isEmpty()) {
                Turn turn = turn(run(records, done), admitted);
                if (turn instanceof Turn.Wait wait) {
                    obstacle = Optional.of(wait.why());
                } else if (turn instanceof Turn.Done some) {
                    done += some.records();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            obstacle = Optional.of("interrupted");
        }
        return new Judgement(admitted, List.copyOf(records.subList(done, records.size())), obstacle);
    }

    /** The records from one on that are of the same partition. */
    private static List<SourceRecord> run(List<SourceRecord> records, int begin) {
        SourceRecord first = records.get(begin);
        Object topic = first.sourcePartition().get(MirrorUtils.TOPIC_KEY);
        int end = begin + 1;
        while (end < records.size()
                && Objects.equals(records.get(end).kafkaPartition(), first.kafkaPartition())
                && Objects.equals(records.get(end).sourcePartition().get(MirrorUtils.TOPIC_KEY), topic)) {
            end++;
        }
        return records.subList(begin, end);
    }

    private Turn turn(List<SourceRecord> run, List<SourceRecord> admitted) throws InterruptedException {
        PartitionKey partition = partition(run.get(0));
        Optional<Uuid> clusterId = ids.clusterId();
        Optional<Uuid> topicId = ids.id(partition.topic());
        if (clusterId.isEmpty() || topicId.isEmpty()) {
            return new Turn.Wait("the id of topic " + partition.topic() + " or of its cluster is not known");
        }
        Course course = order.of(partition);
        if (course.isRefused()) {
            return new Turn.Done(run.size());
        }
        if (course.isNew()) {
            Room beginning = rooms.beginning(partition, topicId.get());
            if (beginning instanceof Room.NotYet notYet) {
                return new Turn.Wait(notYet.why());
            }
            if (beginning instanceof Room.Refused refused) {
                told(course.refuse(refused.why()));
                parked.park(partition, new Need.EmptyCopy(), true, System.nanoTime());
                return new Turn.Done(run.size());
            }
        }
        List<SourceRecord> judged = run;
        int largest = largest(judged);
        Room room = rooms.room(partition, bytes(judged.get(largest)));
        while (room.isRefused() && largest > 0) {
            judged = judged.subList(0, largest); // what comes before the record that is refused may have room
            largest = largest(judged);
            room = rooms.room(partition, bytes(judged.get(largest)));
        }
        if (room instanceof Room.NotYet notYet) {
            return new Turn.Wait(notYet.why());
        }
        Need need = new Need.RoomFor(bytes(judged.get(largest)));
        if (room instanceof Room.Refused refused) {
            told(course.refuse("at offset " + offset(judged.get(0)) + ": " + refused.why()));
            parked.park(partition, need, true, System.nanoTime());
        } else if (room instanceof Room.Absent) {
            Admission unused = course.refuse("its copy is not there");
            parked.park(partition, need, false, System.nanoTime());
        } else {
            Optional<Uuid> copyId = rooms.copyId(partition.topic());
            if (copyId.isPresent() && told(course.goesTo(copyId.get()))) {
                parked.park(partition, new Need.EmptyCopy(), true, System.nanoTime());
            } else {
                admit(judged, partition, clusterId.get(), topicId.get(), admitted);
            }
        }
        return new Turn.Done(judged.size());
    }

    private void admit(
            List<SourceRecord> judged, PartitionKey key, Uuid clusterId, Uuid topicId, List<SourceRecord> admitted) {
        Map<String, ?> partition = judged.get(0).sourcePartition();
        Course course = order.of(key);
        String topic = topicId.toString();
        Optional<String> copy = course.copyId().map(Uuid::toString);
        long last = offset(judged.get(judged.size() - 1));
        for (SourceRecord record : judged) {
            long offset = offset(record);
            Admission admission = course.admit(offset, topicId);
            if (admission instanceof Admission.Admitted) {
                ProvenanceStamp stamp = new ProvenanceStamp(clusterId, topicId, key.partition(), offset);
                boolean isLandmark = judged.size() < MANY || offset == last;
                admitted.add(new StampedRecord(
                        record, partition, MirrorOffsets.offset(offset, topic, copy), stamp, isLandmark));
            } else if (told(admission)) {
                parked.park(key, new Need.EmptyCopy(), true, System.nanoTime());
            }
        }
    }

    /** @return whether there was something to tell */
    private static boolean told(Admission admission) {
        if (admission instanceof Admission.RefusedNow now) {
            LOG.error("{}", now.why());
            return true;
        }
        return false;
    }

    /** The index of the first one of the greatest size. */
    private static int largest(List<SourceRecord> records) {
        int largest = 0;
        long greatest = -1;
        for (int index = 0; index < records.size(); index++) {
            long bytes = bytes(records.get(index));
            if (bytes > greatest) {
                greatest = bytes;
                largest = index;
            }
        }
        return largest;
    }

    static PartitionKey partition(SourceRecord record) {
        TopicPartition partition = MirrorUtils.unwrapPartition(record.sourcePartition());
        return new PartitionKey(partition.topic(), partition.partition());
    }

    static long offset(SourceRecord record) {
        if (record.sourceOffset().get(MirrorUtils.OFFSET_KEY) instanceof Number offset) {
            return offset.longValue();
        }
        throw new IllegalStateException("MirrorMaker gave a record of " + partition(record) + " without an offset");
    }

    static long bytes(SourceRecord record) {
        long bytes = bytes(record.key()) + bytes(record.value());
        for (Header header : record.headers()) {
            bytes += header.key().length() + bytes(header.value()) + 2L * Integer.BYTES;
        }
        return bytes;
    }

    private static long bytes(@Nullable Object content) {
        return content instanceof byte[] array ? array.length : 0;
    }
}
