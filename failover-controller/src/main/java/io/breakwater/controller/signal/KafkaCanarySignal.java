package io.breakwater.controller.signal;

import io.breakwater.controller.core.RegionVerdict;
import io.breakwater.platform.Region.KafkaCluster;
import io.breakwater.region.KafkaSettings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Whether a record that is written with {@code acks=all} can be read again. The topic is this signal's own, of one
 * partition, with the cluster's default of replicas, kept for an hour and never longer than some segments of 1 MiB; it
 * is in no protection group, so that no lease governs it: the canary lives in a region whose gates are closed too.
 *
 * <p>No group is used and no position committed. Whoever refuses the canary (ACLs, or a broker that has not heard of
 * any controller since its start) says nothing of the cluster's health.
 */
public final class KafkaCanarySignal implements HealthSignal {

    /** The canary's own topic. */
    public static final String TOPIC = "breakwater.canary";

    private static final Duration EVERY = Duration.ofSeconds(2);
    private static final TopicPartition PARTITION = new TopicPartition(TOPIC, 0);
    private static final String MEBIBYTE = "1048576";
    private static final Map<String, String> BOUNDED = Map.of(
            TopicConfig.CLEANUP_POLICY_CONFIG,
            TopicConfig.CLEANUP_POLICY_DELETE,
            TopicConfig.RETENTION_MS_CONFIG,
            String.valueOf(Duration.ofHours(1).toMillis()),
            TopicConfig.RETENTION_BYTES_CONFIG,
            MEBIBYTE,
            TopicConfig.SEGMENT_BYTES_CONFIG,
            MEBIBYTE);
    private static final SignalReading REFUSED =
            new SignalReading.NotPermitted("Kafka refuses the canary: it needs WRITE, READ and DESCRIBE on the topic "
                    + TOPIC + ", and CREATE until that exists");

    private static final SignalReading JUST_OPENED = new SignalReading.Unknown("the canary has only begun");

    private final Map<String, Object> access;
    private final Duration limit;
    private final String node;
    private @Nullable KafkaProducer<byte[], byte[]> producer;
    private @Nullable KafkaConsumer<byte[], byte[]> consumer;

    /**
     * @param limit of one probe
     * @param node this node's id: each reads what it has written
     */
    public KafkaCanarySignal(KafkaCluster cluster, Duration limit, String node) {
        this.access = KafkaProbeAdmin.settings(KafkaSettings.canary(cluster), limit);
        this.limit = limit;
        this.node = node;
    }

    @Override
    public String id() {
        return "kafka-canary";
    }

    @Override
    public String signalClass() {
        return RegionVerdict.KAFKA;
    }

    @Override
    public Duration every() {
        return EVERY;
    }

    @Override
    public synchronized SignalReading probe() throws InterruptedException {
        long until = System.nanoTime() + limit.toNanos();
        KafkaProducer<byte[], byte[]> writer = producer;
        KafkaConsumer<byte[], byte[]> reader = consumer;
        try {
            if (writer == null || reader == null) {
                if (!exists()) {
                    return REFUSED;
                }
                open();
                return JUST_OPENED;
            }
            return writeAndRead(writer, reader, until);
        } catch (ExecutionException e) {
            return reading(e.getCause());
        } catch (TimeoutException e) {
            return noAnswer(limit);
        } catch (InterruptException e) {
            // Kafka's clients set the flag again; the thread belongs to the probes.
            Thread.interrupted();
            throw (InterruptedException) new InterruptedException("the canary took too long").initCause(e);
        } catch (KafkaException e) {
            return reading(e);
        }
    }

    private SignalReading reading(@Nullable Throwable cause) {
        if (cause instanceof AuthorizationException) {
            return REFUSED;
        }
        if (cause instanceof AuthenticationException) {
            return new SignalReading.Unknown("Kafka refuses the canary's credentials");
        }
        return cause instanceof org.apache.kafka.common.errors.ApiException
                ? new SignalReading.Unhealthy("the canary could not be written and read: "
                        + cause.getClass().getSimpleName().replaceFirst("Exception$", ""))
                : new SignalReading.Unknown("no Kafka client can be made: check the region's bootstrap and client");
    }

    /**
     * Makes the topic if there is none; one with other settings is the operator's, and stays.
     *
     * @return false if there is none, and this node may not make it
     */
    private boolean exists() throws InterruptedException, ExecutionException, TimeoutException {
        try (Admin admin = Admin.create(withApiLimit())) {
            NewTopic topic = new NewTopic(TOPIC, Optional.of(1), Optional.empty()).configs(BOUNDED);
            try {
                admin.createTopics(List.of(topic)).all().get(limit.toMillis(), TimeUnit.MILLISECONDS);
                return true;
            } catch (ExecutionException e) {
                if (e.getCause() instanceof TopicExistsException) {
                    return true;
                }
                if (!(e.getCause() instanceof AuthorizationException)) {
                    throw e;
                }
            }
            return admin.listTopics()
                    .names()
                    .get(limit.toMillis(), TimeUnit.MILLISECONDS)
                    .contains(TOPIC);
        }
    }

    private Map<String, Object> withApiLimit() {
        Map<String, Object> settings = KafkaProbeAdmin.settings(access, limit);
        settings.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, Math.toIntExact(limit.toMillis()));
        return settings;
    }

    private void open() {
        int millis = Math.toIntExact(limit.toMillis());
        Map<String, Object> writing = KafkaProbeAdmin.settings(access, limit);
        writing.put(ProducerConfig.ACKS_CONFIG, "all");
        writing.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, false);
        writing.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        writing.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, millis);
        writing.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, millis);
        Map<String, Object> reading = withApiLimit();
        reading.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        reading.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "latest");
        reading.remove(ProducerConfig.RETRIES_CONFIG);
        producer = new KafkaProducer<>(writing, new ByteArraySerializer(), new ByteArraySerializer());
        KafkaConsumer<byte[], byte[]> reader =
                new KafkaConsumer<>(reading, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        reader.assign(List.of(PARTITION));
        consumer = reader;
    }

    private SignalReading writeAndRead(
            KafkaProducer<byte[], byte[]> writer, KafkaConsumer<byte[], byte[]> reader, long until)
            throws InterruptedException, ExecutionException, TimeoutException {
        byte[] content = (node + " " + UUID.randomUUID()).getBytes(StandardCharsets.UTF_8);
        RecordMetadata written =
                writer.send(new ProducerRecord<>(TOPIC, 0, null, content)).get(limit.toMillis(), TimeUnit.MILLISECONDS);
        reader.seek(PARTITION, written.offset());
        while (System.nanoTime() < until) {
            Duration left = Duration.ofNanos(Math.max(1, until - System.nanoTime()));
            for (var read : reader.poll(left).records(PARTITION)) {
                if (read.offset() == written.offset()) {
                    return Arrays.equals(read.value(), content)
                            ? new SignalReading.Healthy()
                            : new SignalReading.Unhealthy("the canary's record was read with another content");
                }
            }
        }
        return new SignalReading.Unhealthy(
                "the canary was written and could not be read within " + limit.toMillis() + " ms");
    }

    /** A probe that goes on has been interrupted before, and ends within its limit. */
    @Override
    public synchronized void close() {
        if (producer != null) {
            producer.close(Duration.ZERO);
        }
        if (consumer != null) {
            consumer.close(CloseOptions.timeout(Duration.ZERO));
        }
    }
}
