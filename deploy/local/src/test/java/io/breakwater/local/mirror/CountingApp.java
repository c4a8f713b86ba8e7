package io.breakwater.local.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.breakwater.local.server.KafkaServer;
import io.breakwater.local.server.Principal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.state.Stores;

/**
 * A Kafka Streams application of the streams protocol (KIP-1071) that counts the records of each key: its position and
 * its count must agree. Its application id lets its internal topics be mirrored with the group's topics.
 */
final class CountingApp implements AutoCloseable {

    static final String ID = "flights.counter";
    static final String INPUT = "flights.words";
    static final String OUTPUT = "flights.counts";
    static final String CHANGELOG = ID + "-counts-changelog";

    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(30);

    private final KafkaStreams streams;

    CountingApp(KafkaServer cluster, Path state) {
        Map<String, Object> settings = new HashMap<>(cluster.client(Principal.APP));
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, ID);
        settings.put(StreamsConfig.GROUP_PROTOCOL_CONFIG, "streams");
        settings.put(StreamsConfig.STATE_DIR_CONFIG, state.toString());
        settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0);
        settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
        settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 500);
        settings.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
        settings.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
        Properties properties = new Properties();
        properties.putAll(settings);
        StreamsBuilder builder = new StreamsBuilder();
        builder.<String, String>stream(INPUT)
                .groupByKey(Grouped.with(Serdes.String(), Serdes.String()))
                .count(Materialized.<String, Long>as(Stores.inMemoryKeyValueStore("counts"))
                        .withKeySerde(Serdes.String())
                        .withValueSerde(Serdes.Long()))
                .toStream()
                .mapValues(count -> Long.toString(count))
                .to(OUTPUT, Produced.with(Serdes.String(), Serdes.String()));
        streams = new KafkaStreams(builder.build(), properties);
        streams.start();
    }

    boolean isRunning() {
        return streams.state() == KafkaStreams.State.RUNNING;
    }

    static void write(KafkaServer cluster, int words) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = CommandScene.producer(cluster, Map.of())) {
            for (int i = 0; i < words; i++) {
                producer.send(new ProducerRecord<>(INPUT, 0, new byte[] {'w'}, new byte[] {'w'}))
                        .get();
            }
        }
    }

    static List<ConsumerRecord<byte[], byte[]>> records(KafkaServer cluster, TopicPartition partition) {
        return LinearScan.of(cluster.client(Principal.ADMIN), List.of(partition.topic()))
                .of(LinearScan.key(partition));
    }

    /** Each count once: nothing was counted again, and no state was lost. */
    static void awaitCounts(KafkaServer cluster, int to) {
        List<String> expected =
                IntStream.rangeClosed(1, to).mapToObj(Integer::toString).toList();
        await("counts on " + cluster.name())
                .atMost(SOON)
                .ignoreExceptions()
                .untilAsserted(() -> assertThat(records(cluster, new TopicPartition(OUTPUT, 0)).stream()
                                .map(LinearScan::text))
                        .containsExactlyElementsOf(expected));
    }

    @Override
    public void close() {
        streams.close(CLOSE_LIMIT);
    }
}
