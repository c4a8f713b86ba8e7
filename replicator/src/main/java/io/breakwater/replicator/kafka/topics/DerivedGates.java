package io.breakwater.replicator.kafka.topics;

import io.breakwater.platform.DerivedTopics;
import io.breakwater.platform.Flow;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.Receipt;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The gates of derived topics as the receipts of their jobs' snapshots on the standby move them. A thread of its own
 * follows; any thread asks. A gate only moves forward. Of snapshots that were announced longer ago than {@link #BACK},
 * and not again since, nothing is known: the gate is then closed at the beginning, until the topic's hold is over.
 */
public final class DerivedGates implements Gates, AutoCloseable {

    /** How far back it begins to read: receipts are repeated much more often. */
    static final Duration BACK = Duration.ofMinutes(10);

    private static final Logger LOG = LoggerFactory.getLogger(DerivedGates.class);
    private static final Duration POLL = Duration.ofMillis(250);
    private static final int ANSWER_MILLIS = 10_000;
    private static final Duration END = Duration.ofSeconds(5);
    private static final long AGAIN_MILLIS = 1_000;
    private static final TopicPartition PARTITION = new TopicPartition(Receipt.TOPIC, 0);

    private final DerivedTopics derived;
    private final String group;
    private final Flow flow;
    private final Map<String, Object> settings;
    private final Instant began = Instant.now();
    private final Map<PartitionKey, Opened> gates = new ConcurrentHashMap<>();
    private final Thread following = new Thread(this::run, "derived-gates");
    private volatile boolean closed;

    /** @param at the source time of the newest snapshot that stands there */
    private record Opened(long offset, Instant at) {

        /** An idle topic's gate stands still, and yet its job has new snapshots. */
        Opened with(Opened next) {
            return new Opened(Math.max(offset, next.offset), at.isBefore(next.at) ? next.at : at);
        }
    }

    /**
     * Begins to follow if there are derived topics at all.
     *
     * @param settings client settings of the standby, of a principal that may read the receipts
     */
    public DerivedGates(DerivedTopics derived, String group, Flow flow, Map<String, Object> settings) {
        this.derived = derived;
        this.group = group;
        this.flow = flow;
        this.settings = new HashMap<>(settings);
        this.settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        this.settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
        this.settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        this.settings.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, ANSWER_MILLIS);
        this.settings.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, ANSWER_MILLIS);
        following.setDaemon(true);
        if (!derived.topics().isEmpty()) {
            following.start();
        }
    }

    @Override
    public OptionalLong gate(PartitionKey partition) {
        Opened opened = gates.get(partition);
        return opened == null ? OptionalLong.empty() : OptionalLong.of(opened.offset());
    }

    /**
     * Whether what is missing on the standby from a source offset on is missing on purpose: the mirror has come to the
     * gate, and the snapshot that stands there is not older than the topic's hold.
     */
    public boolean isHeldBack(PartitionKey partition, long from, Instant now) {
        Duration hold = derived.holds().get(partition.topic());
        if (hold == null) {
            return false;
        }
        Opened opened = gates.getOrDefault(partition, new Opened(0, began));
        return from >= opened.offset() && !now.isAfter(opened.at().plus(hold));
    }

    private void run() {
        String trouble = "";
        while (!closed) {
            try (KafkaConsumer<byte[], byte[]> consumer =
                    new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
                begin(consumer);
                trouble = "";
                while (!closed) {
                    consumer.poll(POLL).forEach(this::take);
                }
            } catch (InterruptException e) {
                return;
            } catch (KafkaException e) {
                if (trouble.isEmpty()) {
                    LOG.warn(
                            "group={} derived topics stay at their gates until {} can be read on {}: {}",
                            group,
                            Receipt.TOPIC,
                            flow.to(),
                            e.getMessage());
                }
                trouble = String.valueOf(e.getMessage());
                try {
                    Thread.sleep(AGAIN_MILLIS);
                } catch (InterruptedException interrupted) {
                    return;
                }
            }
        }
    }

    private static void begin(KafkaConsumer<byte[], byte[]> consumer) {
        consumer.assign(List.of(PARTITION));
        OffsetAndTimestamp from = consumer.offsetsForTimes(
                        Map.of(PARTITION, Instant.now().minus(BACK).toEpochMilli()))
                .get(PARTITION);
        if (from == null) {
            consumer.seekToBeginning(List.of(PARTITION));
        } else {
            consumer.seek(PARTITION, from.offset());
        }
    }

    private void take(ConsumerRecord<byte[], byte[]> message) {
        if (message.value() == null) {
            return;
        }
        Receipt receipt;
        try {
            receipt = Receipt.fromJson(message.value());
        } catch (IllegalArgumentException e) {
            LOG.warn("offset={} of {} on {}: {}", message.offset(), Receipt.TOPIC, flow.to(), e.getMessage());
            return;
        }
        derived.gates(group, flow, List.of(receipt))
                .ends()
                .forEach((partition, gate) -> gates.merge(
                        partition, new Opened(gate, receipt.position().sourceTime()), Opened::with));
    }

    @Override
    public void close() {
        closed = true;
        following.interrupt();
        try {
            following.join(END.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
