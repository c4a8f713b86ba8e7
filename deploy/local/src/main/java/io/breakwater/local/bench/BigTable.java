package io.breakwater.local.bench;

import io.breakwater.local.flights.ConditionalPutLogStore;
import io.breakwater.local.flights.LakeSettings;
import io.breakwater.local.flights.ParquetInMemory;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectUri;
import io.delta.standalone.DeltaLog;
import io.delta.standalone.Operation;
import io.delta.standalone.OptimisticTransaction;
import io.delta.standalone.actions.Action;
import io.delta.standalone.actions.AddFile;
import io.delta.standalone.actions.Metadata;
import io.delta.standalone.types.LongType;
import io.delta.standalone.types.StringType;
import io.delta.standalone.types.StructField;
import io.delta.standalone.types.StructType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Types;

/**
 * A table of 100,000 small files in 100 partitions, with a checkpoint of all of them. One file is put through the
 * server; the others are copies of what the server keeps of it, with its attributes, as many puts would have left them
 * after minutes. Not for concurrent use.
 */
final class BigTable {

    static final int FILES = 100_000;
    static final int CHANGED = 10;

    private static final int PARTITIONS = 100;
    /** Delta makes a checkpoint of version 10. */
    private static final int COMMITS = 10;

    private static final int ROWS = 10;
    private static final MessageType ROW =
            Types.buildMessage().required(PrimitiveTypeName.INT64).named("id").named("big");
    private static final StructType SCHEMA = new StructType(new StructField[] {
        new StructField("id", new LongType(), false), new StructField("part", new StringType(), false)
    });

    private final StorePair stores;
    private final String name;
    private final byte[] file = parquet();
    private long version = COMMITS;

    /** @param name its prefix */
    BigTable(StorePair stores, String name) {
        this.stores = stores;
        this.name = name;
    }

    private static String path(int number) {
        return String.format(Locale.ROOT, "part=%03d/part-%06d.snappy.parquet", number % PARTITIONS, number);
    }

    private static byte[] parquet() {
        ParquetInMemory bytes = new ParquetInMemory();
        SimpleGroupFactory groups = new SimpleGroupFactory(ROW);
        try {
            try (ParquetWriter<Group> writer =
                    ExampleParquetWriter.builder(bytes).withType(ROW).build()) {
                for (long id = 0; id < ROWS; id++) {
                    writer.write(groups.newGroup().append("id", id));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toBytes();
    }

    /** Makes the table, and replicas of it as others have left them. */
    void make(ObjectStore source, List<String> replicas) {
        source.put(stores.place(name).resolve(path(0)), file);
        Path files = stores.filesAtSource(name);
        try {
            for (int number = 1; number < FILES; number++) {
                copy(files.resolve(path(0)), files.resolve(path(number)));
            }
            commitAll();
            for (String replica : replicas) {
                copyTree(files, stores.filesAtTarget(replica));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void commitAll() {
        ObjectUri table = stores.place(name);
        Configuration conf = LakeSettings.of(stores.source().site());
        conf.set(ConditionalPutLogStore.CLASS_KEY, ConditionalPutLogStore.class.getName());
        DeltaLog log = DeltaLog.forTable(conf, LakeSettings.s3a("s3://" + table.bucket() + "/" + name));
        OptimisticTransaction first = log.startTransaction();
        first.updateMetadata(Metadata.builder()
                .schema(SCHEMA)
                .partitionColumns(List.of("part"))
                .createdTime(System.currentTimeMillis())
                .build());
        first.commit(List.of(), new Operation(Operation.Name.CREATE_TABLE), "breakwater-bench");
        int each = FILES / COMMITS;
        for (int commit = 0; commit < COMMITS; commit++) {
            List<Action> adds = new ArrayList<>(each);
            for (int number = commit * each; number < (commit + 1) * each; number++) {
                Map<String, String> partition = Map.of("part", String.format(Locale.ROOT, "%03d", number % PARTITIONS));
                adds.add(AddFile.builder(path(number), partition, file.length, System.currentTimeMillis(), true)
                        .build());
            }
            log.startTransaction().commit(adds, new Operation(Operation.Name.WRITE), "breakwater-bench");
        }
    }

    private static void copyTree(Path from, Path to) throws IOException {
        try (Stream<Path> tree = Files.walk(from)) {
            for (Iterator<Path> paths = tree.filter(Files::isRegularFile).iterator(); paths.hasNext(); ) {
                Path path = paths.next();
                copy(path, to.resolve(from.relativize(path).toString()));
            }
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to.getParent());
        Files.copy(from, to, StandardCopyOption.COPY_ATTRIBUTES); // the server keeps tags in attributes
    }

    /**
     * Replaces ten files by new ones.
     *
     * @return seconds from the commit until it can be read at the target
     */
    double change(WatchedTable table) throws InterruptedException {
        version++;
        int first = FILES + Math.toIntExact(version) * CHANGED;
        int gone = Math.toIntExact(version) * CHANGED;
        TableCommit commit = new TableCommit();
        for (int i = 0; i < CHANGED; i++) {
            table.putFile(path(first + i), file);
            commit.remove(path(gone + i)).add(path(first + i), file.length);
        }
        long began = table.commit(version, commit.toBytes());
        double seconds = (table.awaitReplica(version) - began) / 1e9;
        for (int i = 0; i < CHANGED; i++) {
            table.requireAtTarget(path(first + i), file.length);
        }
        return seconds;
    }
}
