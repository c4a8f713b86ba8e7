package io.breakwater.local.flights;

import static org.apache.parquet.schema.LogicalTypeAnnotation.stringType;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.BINARY;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.INT32;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.INT64;

import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectUri;
import java.io.IOException;
import java.util.List;
import java.util.UUID;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Types;

/** Writes the table's Parquet files: all columns but the partition's. */
final class FlightFiles {

    private static final MessageType SCHEMA = Types.buildMessage()
            .required(INT64)
            .named("id")
            .required(INT64)
            .named("sequence")
            .required(BINARY)
            .as(stringType())
            .named("airport")
            .required(BINARY)
            .as(stringType())
            .named("destination")
            .required(BINARY)
            .as(stringType())
            .named("departed")
            .required(INT32)
            .named("delay_minutes")
            .required(INT32)
            .named("distance_miles")
            .required(INT64)
            .named("produced_at")
            .named("flights");

    /**
     * @param path relative to the table
     * @param size in bytes
     */
    record Written(String path, long size) {}

    private final ObjectStore store;
    private final ObjectUri table;

    FlightFiles(ObjectStore store, ObjectUri table) {
        this.store = store;
        this.table = table;
    }

    /** @param folder relative to the table */
    Written write(String folder, List<FlightEvent> events) throws IOException {
        String path = folder + "/part-" + UUID.randomUUID() + ".snappy.parquet";
        ParquetInMemory file = new ParquetInMemory();
        ParquetWriter<Group> writer = ExampleParquetWriter.builder(file)
                .withType(SCHEMA)
                .withCompressionCodec(CompressionCodecName.SNAPPY)
                .build();
        SimpleGroupFactory groups = new SimpleGroupFactory(SCHEMA);
        try (writer) {
            for (FlightEvent event : events) {
                writer.write(row(groups, event));
            }
        }
        byte[] bytes = file.toBytes();
        store.put(table.resolve(path), bytes);
        return new Written(path, bytes.length);
    }

    private static Group row(SimpleGroupFactory groups, FlightEvent event) {
        return groups.newGroup()
                .append("id", event.id())
                .append("sequence", event.sequence())
                .append("airport", event.airport())
                .append("destination", event.destination())
                .append("departed", event.departed())
                .append("delay_minutes", event.delayMinutes())
                .append("distance_miles", event.distanceMiles())
                .append("produced_at", event.producedAt());
    }
}
