package io.breakwater.local.flights;

import com.fasterxml.jackson.databind.node.TextNode;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.Region.ObjectStoreSite;
import io.breakwater.platform.WriterInput;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectUri;
import io.delta.standalone.DeltaLog;
import io.delta.standalone.Operation;
import io.delta.standalone.OptimisticTransaction;
import io.delta.standalone.actions.Action;
import io.delta.standalone.actions.AddFile;
import io.delta.standalone.actions.Metadata;
import io.delta.standalone.actions.SetTransaction;
import io.delta.standalone.types.IntegerType;
import io.delta.standalone.types.LongType;
import io.delta.standalone.types.StringType;
import io.delta.standalone.types.StructField;
import io.delta.standalone.types.StructType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;

/**
 * The Delta table {@code flights} in one region, partitioned by month. Each commit names, by {@code txn} actions under
 * {@link WriterInput} ids of the region's own Kafka cluster, up to where it has read its input. Not thread-safe.
 */
public final class FlightTable {

    static final String PARTITION_COLUMN = "month";

    private static final String ENGINE = "breakwater-flights-archiver";

    private static final StructType SCHEMA = new StructType(new StructField[] {
        new StructField("id", new LongType(), false),
        new StructField("sequence", new LongType(), false),
        new StructField("airport", new StringType(), false),
        new StructField("destination", new StringType(), false),
        new StructField("departed", new StringType(), false),
        new StructField("delay_minutes", new IntegerType(), false),
        new StructField("distance_miles", new IntegerType(), false),
        new StructField("produced_at", new LongType(), false),
        new StructField(PARTITION_COLUMN, new StringType(), false)
    });

    private final String location;
    private final String writer;
    private final String clusterId;
    private final DeltaLog log;
    private final FlightFiles files;

    /**
     * @param store of the same site
     * @param location {@code s3a://bucket/key}
     * @param clusterId of the Kafka cluster whose offsets this writer reads
     */
    public FlightTable(ObjectStore store, ObjectStoreSite site, String location, String writer, String clusterId) {
        this.location = location;
        this.writer = writer;
        this.clusterId = clusterId;
        Configuration conf = LakeSettings.of(site);
        conf.set(ConditionalPutLogStore.CLASS_KEY, ConditionalPutLogStore.class.getName());
        log = DeltaLog.forTable(conf, location);
        files = new FlightFiles(store, ObjectUri.parse(location));
    }

    boolean exists() throws IOException {
        return asking(() -> {
            log.update();
            return log.tableExists();
        });
    }

    /** For each partition that the table has a position of under this cluster's id: the next offset to read. */
    public OffsetVector positions(Collection<PartitionKey> partitions) throws IOException {
        OptimisticTransaction transaction = asking(log::startTransaction);
        SortedMap<PartitionKey, Long> positions = new TreeMap<>();
        for (PartitionKey partition : partitions) {
            position(transaction, partition).ifPresent(position -> positions.put(partition, position));
        }
        return new OffsetVector(positions);
    }

    /**
     * Appends events as one version.
     *
     * @param from the positions that the table must still have; empty for a new table
     * @param to the positions after these events
     * @return the version
     * @throws IOException if something else moved the table's positions, or store or table do not allow it
     */
    public long append(List<FlightEvent> events, OffsetVector from, OffsetVector to) throws IOException {
        OptimisticTransaction transaction = asking(log::startTransaction);
        for (PartitionKey partition : to.ends().keySet()) {
            OptionalLong now = position(transaction, partition);
            if (!now.equals(from.end(partition))) {
                throw new IOException("table " + location + " is at " + now + " of " + partition + ", expected "
                        + from.end(partition) + ": another writer moved it");
            }
        }
        if (transaction.readVersion() < 0) {
            transaction.updateMetadata(Metadata.builder()
                    .schema(SCHEMA)
                    .partitionColumns(List.of(PARTITION_COLUMN))
                    .createdTime(System.currentTimeMillis())
                    .build());
        }
        List<Action> actions = new ArrayList<>();
        Map<String, List<FlightEvent>> months =
                events.stream().collect(Collectors.groupingBy(FlightEvent::month, TreeMap::new, Collectors.toList()));
        for (Map.Entry<String, List<FlightEvent>> month : months.entrySet()) {
            actions.add(add(month.getKey(), month.getValue()));
        }
        to.ends()
                .forEach((partition, offset) -> actions.add(
                        new SetTransaction(appId(partition), offset, Optional.of(System.currentTimeMillis()))));
        return asking(() -> transaction.commit(actions, new Operation(Operation.Name.STREAMING_UPDATE), ENGINE))
                .getVersion();
    }

    /** Delta Standalone has many ways to say that a table or its store is not as it should be; here they are one. */
    private <T> T asking(Callable<T> call) throws IOException {
        try {
            return call.call();
        } catch (Exception e) {
            throw new IOException("table " + location + ": " + e.getMessage(), e);
        }
    }

    private AddFile add(String month, List<FlightEvent> events) throws IOException {
        FlightFiles.Written written = files.write(PARTITION_COLUMN + "=" + month, events);
        return AddFile.builder(
                        written.path(),
                        Map.of(PARTITION_COLUMN, month),
                        written.size(),
                        System.currentTimeMillis(),
                        true)
                .stats(quoted("{\"numRecords\":" + events.size() + "}"))
                .build();
    }

    /** Statistics are a JSON text inside the log's JSON, and Standalone writes them raw. */
    private static String quoted(String statistics) {
        return TextNode.valueOf(statistics).toString();
    }

    private OptionalLong position(OptimisticTransaction transaction, PartitionKey partition) {
        long version = transaction.txnVersion(appId(partition));
        return version < 0 ? OptionalLong.empty() : OptionalLong.of(version);
    }

    private String appId(PartitionKey partition) {
        return new WriterInput(writer, clusterId, partition).appId();
    }
}
