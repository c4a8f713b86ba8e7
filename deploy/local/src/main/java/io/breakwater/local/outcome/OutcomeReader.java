package io.breakwater.local.outcome;

import io.breakwater.local.flights.FlightEvent;
import io.breakwater.local.journal.Entry.JobCheckpoint;
import io.breakwater.local.journal.Journals;
import io.breakwater.platform.AssetId;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.Flow;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.Platform;
import io.breakwater.platform.Receipt;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.KafkaSettings;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.ProvenanceStamp;
import io.breakwater.region.RegionClients;
import io.breakwater.region.ReplicaNotes;
import io.breakwater.region.fork.KeptLog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Uuid;

/**
 * Reads what an {@link Outcome} is computed from, after the workload ended and the region that was left is back: both
 * Kafka clusters, both object stores, the loss ledger, the receipts. Blocks for some ten seconds.
 */
public final class OutcomeReader implements AutoCloseable {

    private static final Duration CATCH_UP = Duration.ofSeconds(45);
    private static final Duration CATCH_UP_POLL = Duration.ofSeconds(1);
    private static final AssetId GROUP = new AssetId(AssetSpec.CONSUMER_GROUP, "flights-processor");

    private final Platform platform;
    private final String group;
    private final Flow flow;
    private final RegionClients clients;

    /** @param flow from the region that was left to the one that was promoted */
    public OutcomeReader(Platform platform, String group, Flow flow) {
        this.platform = platform;
        this.group = group;
        this.flow = flow;
        clients = new RegionClients(platform, Duration.ofSeconds(10));
    }

    /**
     * @param journalFolder the workload's, complete
     * @throws IOException if table or ledger cannot be read
     * @throws KafkaException if a Kafka cluster does not answer
     * @throws IllegalStateException if something that a failover makes is not there
     */
    public Outcome read(Path journalFolder, Instant killedAt) throws IOException, InterruptedException {
        Journals journals = Journals.read(journalFolder);
        List<StoredEvent> stored = events(flow.to());
        KafkaOutcome.Inputs inputs = new KafkaOutcome.Inputs(journals, flow, killedAt, stored, ledger(), committed());
        Served served = Served.in(flow.to(), journals);
        double rpo = KafkaOutcome.oldestLost(inputs)
                .map(oldest -> Duration.between(oldest, killedAt).toMillis() / 1000.0)
                .orElse(0.0);
        return new Outcome(
                served.seconds(killedAt), rpo, served, KafkaOutcome.of(inputs), delta(stored), flink(journals, stored));
    }

    /** The events of a region's topic, in order within each partition. */
    List<StoredEvent> events(String region) throws InterruptedException {
        Uuid source = Uuid.fromString(clusterId(flow.from()));
        List<StoredEvent> events = new ArrayList<>();
        TopicScan.of(kafka(region), FlightEvent.TOPIC, record -> events.add(stored(record, source)));
        return events;
    }

    private static StoredEvent stored(ConsumerRecord<byte[], byte[]> record, Uuid source) {
        OptionalLong sourceOffset = ProvenanceStamp.of(record.headers())
                .filter(stamp -> stamp.clusterId().equals(source))
                .map(stamp -> OptionalLong.of(stamp.offset()))
                .orElseGet(OptionalLong::empty);
        return new StoredEvent(
                new PartitionKey(record.topic(), record.partition()),
                record.offset(),
                sourceOffset,
                FlightEvent.fromJson(record.value()));
    }

    private List<Long> ledger() throws IOException {
        ObjectUri folder =
                ObjectUri.parse(platform.region(flow.to()).objectStore().locate("s3://{breakwater}/ledger/" + group));
        return new LossLedger(clients.objectStore(flow.to()), folder).eventIds();
    }

    /** The group's source positions that reached the promoted region: those of its newest receipt. */
    private OffsetVector committed() {
        List<OffsetVector> found = new ArrayList<>();
        TopicScan.of(kafka(flow.to()), Receipt.TOPIC, record -> {
            Receipt receipt = Receipt.fromJson(record.value());
            if (receipt.flow().equals(flow) && receipt.asset().equals(GROUP)) {
                found.add(receipt.position().committed());
            }
        });
        if (found.isEmpty()) {
            throw new IllegalStateException("no receipt of " + GROUP + " in region " + flow.to());
        }
        return found.get(found.size() - 1);
    }

    private DeltaOutcome delta(List<StoredEvent> stored) throws IOException, InterruptedException {
        AssetSpec table = platform.group(group).assets(AssetSpec.DELTA_TABLE).get(0);
        String writer = table.required("writer");
        TableVersions source = versions(flow.from(), table);
        TableVersions replica = versions(flow.to(), table);
        long promoted = replica.promoted();
        long newest = replica.newest();
        RowDigest rows = rows(flow.to(), table).digest(promoted);
        OffsetVector inputs = replica.inputs(writer, clusterId(flow.from()), promoted);
        OffsetVector continued = replica.inputs(writer, clusterId(flow.to()), newest);
        return new DeltaOutcome(
                Math.max(source.newestWritten(), newestAside(location(flow.from(), table))),
                promoted,
                rows.rows(),
                rows.equals(rows(flow.from(), table).digest(promoted)),
                rows.equals(below(inputs, events(flow.from()))),
                newest,
                rows(flow.to(), table).digest(newest).equals(below(continued, stored)));
    }

    static RowDigest below(OffsetVector ends, List<StoredEvent> events) {
        RowDigest digest = RowDigest.EMPTY;
        for (StoredEvent event : events) {
            if (event.offset() < ends.end(event.partition()).orElse(0)) {
                digest = digest.with(event.event());
            }
        }
        return digest;
    }

    /** The newest version that was moved aside when the region had come back; -1 if none was. */
    private long newestAside(ObjectUri table) {
        return clients.objectStore(flow.from()).list(ReplicaNotes.of(table, KeptLog.FOLDER)).stream()
                .map(info -> info.uri().key().substring(info.uri().key().lastIndexOf('/') + 1))
                .filter(name -> name.matches("\\d{20}\\.json"))
                .mapToLong(name -> Long.parseLong(name.substring(0, name.indexOf('.'))))
                .max()
                .orElse(-1);
    }

    TableVersions versions(String region, AssetSpec table) {
        return new TableVersions(new DeltaLogFiles(clients.objectStore(region), location(region, table)));
    }

    TableRows rows(String region, AssetSpec table) {
        ObjectStore store = clients.objectStore(region);
        return new TableRows(store, location(region, table));
    }

    private ObjectUri location(String region, AssetSpec table) {
        return ObjectUri.parse(platform.region(region).objectStore().locate(table.required("path")));
    }

    private FlinkOutcome flink(Journals journals, List<StoredEvent> stored) throws InterruptedException {
        String restoredFrom = journals.jobCheckpoints().stream()
                .filter(entry -> entry.region().equals(flow.to()))
                .map(JobCheckpoint::restoredFrom)
                .findFirst()
                .orElse("");
        return FlinkOutcome.of(restoredFrom, stored, summaries(flow.to(), stored));
    }

    /** The newest of each airport that a job in this region wrote, once it is through with the topic or time is up. */
    Map<String, AirportSummary> summaries(String region, List<StoredEvent> stored) throws InterruptedException {
        long began = System.nanoTime();
        while (true) {
            Map<String, AirportSummary> newest = new HashMap<>();
            TopicScan.of(kafka(region), AirportSummary.TOPIC, record -> {
                if (ProvenanceStamp.of(record.headers()).isEmpty()) {
                    newest.put(
                            new String(record.key(), StandardCharsets.UTF_8), AirportSummary.fromJson(record.value()));
                }
            });
            if (FlinkOutcome.caughtUp(stored, newest) || System.nanoTime() - began > CATCH_UP.toNanos()) {
                return newest;
            }
            TimeUnit.NANOSECONDS.sleep(CATCH_UP_POLL.toNanos());
        }
    }

    private Map<String, Object> kafka(String region) {
        return KafkaSettings.breakwater(platform.region(region).kafka());
    }

    String clusterId(String region) throws InterruptedException {
        Admin admin = clients.admin(region);
        try {
            return Optional.ofNullable(admin.describeCluster().clusterId().get())
                    .orElseThrow(() -> new KafkaException("region " + region + ": the cluster has no id"));
        } catch (ExecutionException e) {
            throw new KafkaException("cluster id of region " + region + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        clients.close();
    }
}
