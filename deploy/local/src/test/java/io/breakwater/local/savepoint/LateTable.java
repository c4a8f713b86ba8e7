package io.breakwater.local.savepoint;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.local.server.Principal;
import io.breakwater.platform.Flow;
import io.breakwater.platform.Json;
import io.breakwater.platform.Receipt;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectUri;
import io.breakwater.replicator.FlowConfig;
import io.breakwater.replicator.delta.DeltaMirrorConnector;
import io.breakwater.replicator.delta.DeltaMirrorTask;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * A table on east that the job is declared to write, and that comes to west when it is told to.
 *
 * @param platformFile with the table, and with the job that names it
 */
record LateTable(TwoClusters clusters, Path platformFile) {

    private static final String NAME = "written-by-job";
    private static final Duration SOON = Duration.ofMinutes(2);
    private static final ObjectUri COMMIT =
            ObjectUri.parse("s3://flink-east/tables/" + NAME + "/_delta_log/" + "0".repeat(20) + ".json");

    static LateTable on(TwoClusters clusters, ObjectStore east) throws Exception {
        DrilledJob.createReceipts(clusters);
        String commit = """
                {"commitInfo":{"timestamp":1700000000000,"operation":"CREATE TABLE"}}
                {"protocol":{"minReaderVersion":1,"minWriterVersion":2}}
                {"metaData":{"id":"5b1c2d3e-0000-4000-8000-000000000001","format":{"provider":"parquet","options":{}},\
                "schemaString":"{\\"type\\":\\"struct\\",\\"fields\\":[{\\"name\\":\\"id\\",\\"type\\":\\"long\\",\
                \\"nullable\\":true,\\"metadata\\":{}}]}","partitionColumns":[],"configuration":{},\
                "createdTime":1700000000000}}
                """;
        east.put(COMMIT, commit.getBytes(StandardCharsets.UTF_8));
        ObjectNode tree = (ObjectNode) Json.MAPPER.readTree(Files.readString(clusters.platformFile()));
        ArrayNode assets = (ArrayNode) tree.path("groups").path("flights").path("assets");
        assets.forEach(asset -> {
            if (asset.path("kind").asText().equals("flink-job")) {
                ((ObjectNode) asset).put("tables", NAME);
            }
        });
        assets.addObject().put("kind", "delta-table").put("name", NAME).put("path", "s3://{flink}/tables/" + NAME);
        return new LateTable(
                clusters, Files.writeString(clusters.directory().resolve("with-table.yaml"), tree.toString()));
    }

    /** Runs the connector's task, as Connect would, until it has announced a version. */
    void carry(Flow flow) throws Exception {
        DeltaMirrorConnector connector = new DeltaMirrorConnector();
        connector.start(FlowConfig.settings(platformFile, "flights", flow));
        DeltaMirrorTask task = new DeltaMirrorTask();
        task.start(connector.taskConfigs(1).get(0));
        Instant deadline = Instant.now().plus(SOON);
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                clusters.west().client(Principal.ADMIN), new ByteArraySerializer(), new ByteArraySerializer())) {
            boolean announced = false;
            while (!announced) {
                if (Instant.now().isAfter(deadline)) {
                    throw new AssertionError("table " + NAME + " was not carried within " + SOON);
                }
                List<SourceRecord> records = task.poll();
                for (SourceRecord record : records == null ? List.<SourceRecord>of() : records) {
                    byte[] value = (byte[]) record.value();
                    producer.send(new ProducerRecord<>(Receipt.TOPIC, 0, (byte[]) record.key(), value))
                            .get();
                    announced |= Receipt.fromJson(value).asset().name().equals(NAME);
                }
            }
        } finally {
            task.stop();
            connector.stop();
        }
    }
}
