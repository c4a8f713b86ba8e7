package io.breakwater.local.move;

import io.breakwater.local.server.KafkaServer;
import io.breakwater.local.server.Principal;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.Flow;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.Segment;
import io.breakwater.platform.Segment.Range;
import io.breakwater.platform.SegmentHistory;
import io.breakwater.region.ProvenanceStamp;
import io.breakwater.region.SegmentTopic;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Partitions after a failover and a failback, written as clients and mirrors would have. In each, with scale 1, these
 * offsets, which are as many records:
 *
 * <pre>
 *            east        west
 * epoch 1    0..8    >   0..8      clients in east; 8..10 of east are an orphan tail
 * epoch 2   10..15   <   8..13     clients in west
 * epoch 3   15..20   >  13..18     clients in east; this flow still runs
 * </pre>
 *
 * <p>Each topic of segments holds what the controller had written there before the newest flow to that cluster.
 */
final class ThreeLegsByHand {

    static final Flow EAST_WEST = new Flow("east", "west");
    static final Flow WEST_EAST = EAST_WEST.reversed();
    static final int EAST_END = 20;

    /** Of the first record; not so old that retention takes it. */
    private static final long TIME = System.currentTimeMillis();

    static final int WEST_END = 18;

    private final String topic;
    private final int partitions;
    private final int scale;
    private final KafkaServer east;
    private final KafkaServer west;
    private final Uuid eastId;
    private final Uuid westId;

    ThreeLegsByHand(String topic, KafkaServer east, KafkaServer west) throws Exception {
        this(topic, 1, 1, east, west);
    }

    /** @param scale by which all offsets of the story are multiplied */
    ThreeLegsByHand(String topic, int partitions, int scale, KafkaServer east, KafkaServer west) throws Exception {
        this.topic = topic;
        this.partitions = partitions;
        this.scale = scale;
        this.east = east;
        this.west = west;
        this.eastId = begin(east);
        this.westId = begin(west);
    }

    private Uuid begin(KafkaServer cluster) throws Exception {
        try (Admin admin = Admin.create(cluster.client(Principal.ADMIN))) {
            admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1)))
                    .all()
                    .get();
            return Uuid.fromString(admin.describeCluster().clusterId().get());
        }
    }

    PartitionKey partition() {
        return new PartitionKey(topic, 0);
    }

    /** @param skipped a record of east's last leg that the mirror has not carried; -1 for none */
    void write(int skipped) throws Exception {
        own(east, "first", 0, 10);
        copy(west, eastId, "first", 0, 8, -1);
        own(west, "second", 8, 13);
        copy(east, westId, "second", 8, 13, -1);
        own(east, "third", 15, 20);
        copy(west, eastId, "third", 15, 20, skipped);
        Segment first = segment(1, EAST_WEST, false, closed(0, 8, 0, 8));
        publish(east, new SegmentHistory(List.of(first, segment(2, WEST_EAST, true, open(8, 10)))));
        publish(west, history());
    }

    /** As the controller has it in the end. */
    SegmentHistory history() {
        return new SegmentHistory(List.of(
                segment(1, EAST_WEST, false, closed(0, 8, 0, 8)),
                segment(2, WEST_EAST, false, closed(8, 13, 10, 15)),
                segment(3, EAST_WEST, true, open(15, 13))));
    }

    private Range open(int sourceFrom, int targetFrom) {
        return Range.openFrom((long) scale * sourceFrom, (long) scale * targetFrom);
    }

    private Range closed(int sourceFrom, int sourceTo, int targetFrom, int targetTo) {
        return Range.closed(
                (long) scale * sourceFrom, (long) scale * sourceTo, (long) scale * targetFrom, (long) scale * targetTo);
    }

    private Segment segment(long epoch, Flow flow, boolean open, Range range) {
        SortedMap<PartitionKey, Range> ranges = new TreeMap<>();
        for (int partition = 0; partition < partitions; partition++) {
            ranges.put(new PartitionKey(topic, partition), range);
        }
        return new Segment(
                new Epoch(epoch),
                flow,
                open,
                Optional.of((flow.equals(EAST_WEST) ? eastId : westId).toString()),
                new TreeMap<>(Map.of(topic, Uuid.ONE_UUID.toString())),
                ranges);
    }

    private void publish(KafkaServer cluster, SegmentHistory history) throws Exception {
        try (Admin admin = Admin.create(cluster.client(Principal.ADMIN))) {
            SegmentTopic.publish(admin, new HashMap<>(cluster.client(Principal.ADMIN)), "of-" + topic, history);
        }
    }

    private void own(KafkaServer cluster, String leg, int from, int to) throws Exception {
        send(cluster, leg, from, to, -1, Optional.empty());
    }

    private void copy(KafkaServer cluster, Uuid writer, String leg, int from, int to, int skipped) throws Exception {
        send(cluster, leg, from, to, skipped, Optional.of(writer));
    }

    private void send(KafkaServer cluster, String leg, int from, int to, int skipped, Optional<Uuid> writer)
            throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                new HashMap<>(cluster.client(Principal.ADMIN)), new ByteArraySerializer(), new ByteArraySerializer())) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (int offset = scale * from; offset < scale * to; offset++) {
                for (int partition = 0; partition < partitions && offset != skipped; partition++) {
                    sent.add(producer.send(record(leg, partition, offset, writer)));
                }
            }
            for (Future<RecordMetadata> one : sent) {
                one.get();
            }
        }
    }

    private ProducerRecord<byte[], byte[]> record(String leg, int partition, int offset, Optional<Uuid> writer) {
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(
                topic, partition, TIME + offset, null, (leg + " " + offset).getBytes(StandardCharsets.UTF_8));
        writer.ifPresent(id -> record.headers()
                .add(ProvenanceStamp.HEADER, new ProvenanceStamp(id, Uuid.ONE_UUID, partition, offset).toBytes()));
        return record;
    }
}
