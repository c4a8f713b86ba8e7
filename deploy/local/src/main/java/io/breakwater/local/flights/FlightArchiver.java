package io.breakwater.local.flights;

import io.breakwater.local.journal.Entry;
import io.breakwater.local.journal.JournalWriter;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.Region;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStoreException;
import io.breakwater.region.S3ObjectStore;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * The table writer {@code flights-archiver}: appends the topic's events to the table, exactly once, because each commit
 * carries the positions to go on from. It takes its positions from the table only, and only those of the cluster that
 * it reads. A table that has none was not promoted for this region yet: it waits, it never begins at 0. Only where the
 * group is at home may it create the table.
 */
final class FlightArchiver implements RouteFollower.Session {

    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    /** Of one attempt. A dead store refuses at once; a busy one takes its time. */
    private static final Duration STORE_TIMEOUT = Duration.ofSeconds(15);

    private static final long COMMIT_EVERY_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final int LARGEST_COMMIT = 50_000;

    /** @param path of the table, with bucket roles, such as {@code s3://{lake}/flights} */
    record Target(Map<String, Region> regions, String home, String path, String writer) {}

    private final Map<String, String> client;
    private final Target target;
    private final JournalWriter journal;
    private final Stop stop;

    FlightArchiver(Map<String, String> client, Target target, JournalWriter journal, Stop stop) {
        this.client = client;
        this.target = target;
        this.journal = journal;
        this.stop = stop;
    }

    @Override
    public void run(Route route, BooleanSupplier over) throws IOException {
        Region region = target.regions().get(route.region());
        if (region == null) {
            throw new RouteFollower.NotReadyException("region " + route.region() + " is not in the platform file");
        }
        String location = LakeSettings.s3a(region.objectStore().locate(target.path()));
        try (ObjectStore store = S3ObjectStore.connect(region.objectStore(), STORE_TIMEOUT)) {
            FlightTable table =
                    new FlightTable(store, region.objectStore(), location, target.writer(), clusterId(route));
            Archiving archiving = new Archiving(route, table);
            try {
                archiving.untilOver(over);
            } finally {
                archiving.close();
            }
        } catch (ObjectStoreException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private String clusterId(Route route) throws IOException {
        Map<String, Object> settings = settings(route);
        settings.keySet().retainAll(AdminClientConfig.configNames());
        try (Admin admin = Admin.create(settings)) {
            return admin.describeCluster().clusterId().get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("cluster id of " + route.bootstrap() + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("cluster id of " + route.bootstrap() + ": interrupted", e);
        }
    }

    private Map<String, Object> settings(Route route) {
        Map<String, Object> settings = new HashMap<>(client);
        settings.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, route.bootstrap());
        settings.put(ConsumerConfig.CLIENT_ID_CONFIG, target.writer());
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        settings.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) TIMEOUT.toMillis());
        settings.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) TIMEOUT.toMillis());
        return settings;
    }

    /** One region's table, from the positions that it has. */
    private final class Archiving implements AutoCloseable {

        private final String region;
        private final FlightTable table;
        private final KafkaConsumer<byte[], byte[]> consumer;
        private final List<FlightEvent> pending = new ArrayList<>();
        private OffsetVector committed = OffsetVector.EMPTY;

        Archiving(Route route, FlightTable table) {
            region = route.region();
            this.table = table;
            consumer = new KafkaConsumer<>(settings(route), new ByteArrayDeserializer(), new ByteArrayDeserializer());
        }

        void untilOver(BooleanSupplier over) throws IOException {
            begin();
            long committedAt = System.nanoTime();
            while (!over.getAsBoolean()) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    pending.add(FlightEvent.fromJson(record.value()));
                }
                boolean due = System.nanoTime() - committedAt > COMMIT_EVERY_NANOS || pending.size() >= LARGEST_COMMIT;
                if (due && !pending.isEmpty()) {
                    commit();
                    committedAt = System.nanoTime();
                }
            }
            if (stop.isGiven() && !pending.isEmpty()) {
                commit();
            }
        }

        private void begin() throws IOException {
            Collection<PartitionKey> partitions = consumer.partitionsFor(FlightEvent.TOPIC).stream()
                    .map(info -> new PartitionKey(info.topic(), info.partition()))
                    .toList();
            if (partitions.isEmpty()) {
                throw new RouteFollower.NotReadyException("topic " + FlightEvent.TOPIC + " is not there yet");
            }
            consumer.assign(partitions.stream().map(Archiving::kafkas).toList());
            if (table.exists()) {
                committed = table.positions(partitions);
                if (!committed.ends().keySet().containsAll(partitions)) {
                    throw new RouteFollower.NotReadyException("the table has positions of this cluster only for "
                            + committed + ": it must be promoted first");
                }
                committed.ends().forEach((partition, offset) -> consumer.seek(kafkas(partition), offset));
            } else if (region.equals(target.home())) {
                consumer.seekToBeginning(consumer.assignment());
            } else {
                throw new RouteFollower.NotReadyException("there is no table, and the group is at home in "
                        + target.home() + ": it must be replicated first");
            }
        }

        private void commit() throws IOException {
            SortedMap<PartitionKey, Long> positions = new TreeMap<>();
            for (TopicPartition partition : consumer.assignment()) {
                positions.put(new PartitionKey(partition.topic(), partition.partition()), consumer.position(partition));
            }
            OffsetVector read = new OffsetVector(positions);
            long version = table.append(pending, committed, read);
            journal.append(new Entry.TableCommit(region, version, pending.size(), System.currentTimeMillis()));
            committed = read;
            pending.clear();
        }

        private static TopicPartition kafkas(PartitionKey partition) {
            return new TopicPartition(partition.topic(), partition.partition());
        }

        @Override
        public void close() {
            consumer.close(CloseOptions.timeout(Duration.ZERO));
        }
    }
}
