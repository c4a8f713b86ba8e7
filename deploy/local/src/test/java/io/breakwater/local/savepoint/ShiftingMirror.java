package io.breakwater.local.savepoint;

import io.breakwater.region.ProvenanceStamp;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Copies partitions exactly once with provenance stamps, as the real mirror does, but in transactions of random size
 * between which others with junk are aborted: so that offsets on the target are shifted, by more and more.
 */
final class ShiftingMirror implements Runnable {

    private static final int MOST_JUNK = 9;

    private final Map<String, Object> source;
    private final Map<String, Object> target;
    private final Collection<TopicPartition> partitions;
    private final Uuid sourceClusterId;
    private final Random random;
    private final UnaryOperator<String> onTarget;
    private final Map<TopicPartition, Long> from;
    private final AtomicLong copied = new AtomicLong();

    ShiftingMirror(
            Map<String, Object> source,
            Map<String, Object> target,
            Collection<TopicPartition> partitions,
            Uuid sourceClusterId,
            long seed) {
        this(source, target, partitions, sourceClusterId, seed, topic -> topic, Map.of());
    }

    /** @param onTarget the name of each topic there */
    ShiftingMirror(
            Map<String, Object> source,
            Map<String, Object> target,
            Collection<TopicPartition> partitions,
            Uuid sourceClusterId,
            long seed,
            UnaryOperator<String> onTarget) {
        this(source, target, partitions, sourceClusterId, seed, onTarget, Map.of());
    }

    /** @param from where it begins, in partitions that are not copied from their beginning */
    ShiftingMirror(
            Map<String, Object> source,
            Map<String, Object> target,
            Collection<TopicPartition> partitions,
            Uuid sourceClusterId,
            long seed,
            UnaryOperator<String> onTarget,
            Map<TopicPartition, Long> from) {
        this.from = Map.copyOf(from);
        this.onTarget = onTarget;
        this.source = new HashMap<>(source);
        this.target = new HashMap<>(target);
        this.partitions = partitions;
        this.sourceClusterId = sourceClusterId;
        this.random = new Random(seed);
        this.source.put("isolation.level", "read_committed");
        this.source.put("max.poll.records", 500);
        this.target.put("transactional.id", "shifting-mirror-" + Uuid.randomUuid());
    }

    /** Records of which the copies are committed. */
    long copied() {
        return copied.get();
    }

    /** Copies until it is interrupted. */
    @Override
    public void run() {
        try (KafkaConsumer<byte[], byte[]> consumer =
                        new KafkaConsumer<>(source, new ByteArrayDeserializer(), new ByteArrayDeserializer());
                KafkaProducer<byte[], byte[]> producer =
                        new KafkaProducer<>(target, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.initTransactions();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            from.forEach(consumer::seek);
            while (!Thread.currentThread().isInterrupted()) {
                List<ProducerRecord<byte[], byte[]>> copies = new ArrayList<>();
                consumer.poll(Duration.ofMillis(100)).forEach(record -> copies.add(copy(record)));
                if (!copies.isEmpty()) {
                    abortJunk(producer);
                    producer.beginTransaction();
                    sendAll(producer, copies);
                    producer.commitTransaction();
                    copied.addAndGet(copies.size());
                }
            }
        } catch (InterruptException e) {
            // The end: a transaction that is open now is aborted by the broker, or by the next one with this id.
            return;
        }
    }

    private void abortJunk(KafkaProducer<byte[], byte[]> producer) {
        List<TopicPartition> some =
                partitions.stream().filter(partition -> random.nextInt(3) == 0).collect(Collectors.toList());
        if (some.isEmpty()) {
            return;
        }
        List<ProducerRecord<byte[], byte[]>> junk = new ArrayList<>();
        for (TopicPartition partition : some) {
            for (int i = random.nextInt(MOST_JUNK); i >= 0; i--) {
                junk.add(new ProducerRecord<>(
                        onTarget.apply(partition.topic()), partition.partition(), new byte[1], new byte[1]));
            }
        }
        producer.beginTransaction();
        sendAll(producer, junk);
        producer.abortTransaction();
    }

    private static void sendAll(KafkaProducer<byte[], byte[]> producer, List<ProducerRecord<byte[], byte[]>> records) {
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        for (ProducerRecord<byte[], byte[]> record : records) {
            sent.add(producer.send(record));
        }
        producer.flush();
        for (Future<RecordMetadata> acknowledgement : sent) {
            try {
                acknowledgement.get();
            } catch (InterruptedException e) {
                throw new InterruptException(e);
            } catch (ExecutionException e) {
                throw new IllegalStateException("a copy was not accepted", e);
            }
        }
    }

    private ProducerRecord<byte[], byte[]> copy(ConsumerRecord<byte[], byte[]> record) {
        ProducerRecord<byte[], byte[]> copy = new ProducerRecord<>(
                onTarget.apply(record.topic()), record.partition(), record.timestamp(), record.key(), record.value());
        copy.headers()
                .add(
                        ProvenanceStamp.HEADER,
                        new ProvenanceStamp(sourceClusterId, Uuid.ZERO_UUID, record.partition(), record.offset())
                                .toBytes());
        return copy;
    }
}
