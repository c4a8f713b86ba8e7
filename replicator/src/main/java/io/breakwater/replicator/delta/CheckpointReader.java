package io.breakwater.replicator.delta;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.platform.Json;
import io.breakwater.region.CommitContent;
import io.breakwater.region.DeltaCommit;
import io.breakwater.region.DeltaCommit.DataFile;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.KernelFiles;
import io.breakwater.region.LogFile;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStoreException;
import io.breakwater.region.ObjectUri;
import io.delta.kernel.data.ArrayValue;
import io.delta.kernel.data.MapValue;
import io.delta.kernel.data.Row;
import io.delta.kernel.defaults.engine.DefaultEngine;
import io.delta.kernel.engine.Engine;
import io.delta.kernel.engine.FileReadResult;
import io.delta.kernel.internal.util.Utils;
import io.delta.kernel.types.ArrayType;
import io.delta.kernel.types.BooleanType;
import io.delta.kernel.types.DataType;
import io.delta.kernel.types.IntegerType;
import io.delta.kernel.types.LongType;
import io.delta.kernel.types.MapType;
import io.delta.kernel.types.StringType;
import io.delta.kernel.types.StructType;
import io.delta.kernel.utils.CloseableIterator;
import io.delta.kernel.utils.FileStatus;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads the actions of a checkpoint, parquet or JSON, piece by piece. Each piece passes through the same checks as a
 * commit: its rows are turned into a commit's lines first. A checkpoint that is not what it should be is told from a
 * store that does not answer: {@link MirrorHaltException#isCheckpointBroken}.
 */
final class CheckpointReader {

    /** Takes one piece. */
    interface Piece {
        void accept(DeltaCommit actions) throws MirrorHaltException, InterruptedException;
    }

    /** Takes one piece as a commit would have it. */
    interface Lines {
        void accept(byte[] lines, DeltaCommit actions) throws MirrorHaltException, InterruptedException;
    }

    private static final StructType DELETION_VECTOR = new StructType()
            .add("storageType", StringType.STRING)
            .add("pathOrInlineDv", StringType.STRING)
            .add("offset", IntegerType.INTEGER)
            .add("sizeInBytes", IntegerType.INTEGER);
    private static final StructType SIDECAR =
            new StructType().add("path", StringType.STRING).add("sizeInBytes", LongType.LONG);
    private static final ArrayType TEXTS = new ArrayType(StringType.STRING, true);
    private static final MapType TEXT_MAP = new MapType(StringType.STRING, StringType.STRING, true);
    private static final StructType SIDECARS = new StructType().add("sidecar", SIDECAR);
    private static final StructType ACTIONS = new StructType()
            .add(
                    "add",
                    new StructType()
                            .add("path", StringType.STRING)
                            .add("size", LongType.LONG)
                            .add("deletionVector", DELETION_VECTOR))
            .add("txn", new StructType().add("appId", StringType.STRING).add("version", LongType.LONG))
            .add(
                    "protocol",
                    new StructType()
                            .add("minReaderVersion", IntegerType.INTEGER)
                            .add("minWriterVersion", IntegerType.INTEGER)
                            .add("readerFeatures", TEXTS)
                            .add("writerFeatures", TEXTS))
            .add("metaData", new StructType().add("id", StringType.STRING).add("configuration", TEXT_MAP))
            .add("sidecar", SIDECAR);

    /** All that makes a table's state; statistics only as text. */
    private static final StructType STATE = new StructType()
            .add(
                    "add",
                    new StructType()
                            .add("path", StringType.STRING)
                            .add("partitionValues", TEXT_MAP)
                            .add("size", LongType.LONG)
                            .add("modificationTime", LongType.LONG)
                            .add("stats", StringType.STRING)
                            .add("tags", TEXT_MAP)
                            .add("deletionVector", DELETION_VECTOR.add("cardinality", LongType.LONG))
                            .add("baseRowId", LongType.LONG)
                            .add("defaultRowCommitVersion", LongType.LONG)
                            .add("clusteringProvider", StringType.STRING))
            .add(
                    "metaData",
                    new StructType()
                            .add("id", StringType.STRING)
                            .add("name", StringType.STRING)
                            .add("description", StringType.STRING)
                            .add(
                                    "format",
                                    new StructType()
                                            .add("provider", StringType.STRING)
                                            .add("options", TEXT_MAP))
                            .add("schemaString", StringType.STRING)
                            .add("partitionColumns", TEXTS)
                            .add("createdTime", LongType.LONG)
                            .add("configuration", TEXT_MAP))
            .add(
                    "protocol",
                    new StructType()
                            .add("minReaderVersion", IntegerType.INTEGER)
                            .add("minWriterVersion", IntegerType.INTEGER)
                            .add("readerFeatures", TEXTS)
                            .add("writerFeatures", TEXTS))
            .add(
                    "txn",
                    new StructType()
                            .add("appId", StringType.STRING)
                            .add("version", LongType.LONG)
                            .add("lastUpdated", LongType.LONG))
            .add(
                    "domainMetadata",
                    new StructType()
                            .add("domain", StringType.STRING)
                            .add("configuration", StringType.STRING)
                            .add("removed", BooleanType.BOOLEAN))
            .add("sidecar", SIDECAR);

    private final ObjectStore store;
    private final DeltaLogFiles log;
    private final Engine engine;

    CheckpointReader(ObjectStore store, DeltaLogFiles log) {
        this.store = store;
        this.log = log;
        this.engine = DefaultEngine.create(new KernelFiles(store));
    }

    /** Files, transactions, protocol, and the table's id and properties, also those in its sidecars. */
    void read(Checkpoint checkpoint, Piece piece) throws MirrorHaltException, InterruptedException {
        read(checkpoint, ACTIONS, (lines, actions) -> piece.accept(actions));
    }

    /** Everything that makes the table's state, as lines of a commit. */
    void readState(Checkpoint checkpoint, Lines lines) throws MirrorHaltException, InterruptedException {
        read(checkpoint, STATE, lines);
    }

    private void read(Checkpoint checkpoint, StructType schema, Lines receiver)
            throws MirrorHaltException, InterruptedException {
        for (LogFile part : checkpoint.parts()) {
            List<DataFile> sidecars = new ArrayList<>();
            read(part.info().uri(), schema, (lines, actions) -> {
                sidecars.addAll(actions.sidecars());
                receiver.accept(lines, actions);
            });
            for (DataFile sidecar : sidecars) {
                read(log.file("_sidecars/" + sidecar.path()), schema, receiver);
            }
        }
    }

    /** The sidecars that a checkpoint refers to; none unless it is a V2 checkpoint. */
    List<DataFile> sidecars(Checkpoint checkpoint) throws MirrorHaltException, InterruptedException {
        List<DataFile> sidecars = new ArrayList<>();
        if (checkpoint.parts().size() == 1) {
            read(
                    checkpoint.parts().get(0).info().uri(),
                    SIDECARS,
                    (lines, actions) -> sidecars.addAll(actions.sidecars()));
        }
        return sidecars;
    }

    private void read(ObjectUri file, StructType schema, Lines piece) throws MirrorHaltException, InterruptedException {
        if (file.key().endsWith(".json")) {
            byte[] bytes = store.get(file).orElseThrow(() -> MirrorHaltException.checkpointBroken(file + " is gone"));
            piece.accept(bytes, parsed(file, bytes));
            return;
        }
        FileStatus status = FileStatus.of(file.toString());
        try (CloseableIterator<FileReadResult> batches = engine.getParquetHandler()
                .readParquetFiles(Utils.singletonCloseableIterator(status), schema, Optional.empty())) {
            while (batches.hasNext()) {
                byte[] lines = lines(batches.next(), schema);
                if (lines.length > 0) {
                    piece.accept(lines, parsed(file, lines));
                }
            }
        } catch (IOException | RuntimeException e) {
            // Parquet's reader has no exception of its own for what is no checkpoint.
            String reason = "reading checkpoint " + file + ": " + e.getMessage();
            throw isOfStore(e) ? MirrorHaltException.waiting(reason) : MirrorHaltException.checkpointBroken(reason);
        }
    }

    private static boolean isOfStore(@Nullable Throwable thrown) {
        return thrown != null && (thrown instanceof ObjectStoreException || isOfStore(thrown.getCause()));
    }

    private static DeltaCommit parsed(ObjectUri file, byte[] lines) throws MirrorHaltException {
        CommitContent content = DeltaCommit.parse(lines);
        if (content instanceof CommitContent.Refused refused) {
            String reason = file + " can't be carried: " + refused.detail();
            throw refused.reason() == CommitContent.Reason.CORRUPT
                    ? MirrorHaltException.checkpointBroken(reason)
                    : MirrorHaltException.stopped(reason);
        }
        return ((CommitContent.Actions) content).commit();
    }

    private static byte[] lines(FileReadResult batch, StructType schema) throws IOException {
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        try (CloseableIterator<Row> rows = batch.getData().getRows()) {
            while (rows.hasNext()) {
                ObjectNode line = json(rows.next(), schema);
                if (!line.isEmpty()) {
                    lines.writeBytes(line.toString().getBytes(StandardCharsets.UTF_8));
                    lines.write('\n');
                }
            }
        }
        return lines.toByteArray();
    }

    private static ObjectNode json(Row row, StructType schema) {
        ObjectNode json = Json.MAPPER.createObjectNode();
        for (int i = 0; i < schema.length(); i++) {
            if (row.isNullAt(i)) {
                continue;
            }
            String name = schema.at(i).getName();
            DataType type = schema.at(i).getDataType();
            if (type instanceof StructType struct) {
                json.set(name, json(row.getStruct(i), struct));
            } else if (type instanceof LongType) {
                json.put(name, row.getLong(i));
            } else if (type instanceof IntegerType) {
                json.put(name, row.getInt(i));
            } else if (type instanceof BooleanType) {
                json.put(name, row.getBoolean(i));
            } else if (type instanceof ArrayType) {
                texts(row.getArray(i), json.putArray(name));
            } else if (type instanceof MapType) {
                texts(row.getMap(i), json.putObject(name));
            } else {
                json.put(name, row.getString(i));
            }
        }
        return json;
    }

    private static void texts(ArrayValue array, ArrayNode into) {
        for (int i = 0; i < array.getSize(); i++) {
            into.add(array.getElements().getString(i));
        }
    }

    private static void texts(MapValue map, ObjectNode into) {
        for (int i = 0; i < map.getSize(); i++) {
            into.put(
                    map.getKeys().getString(i),
                    map.getValues().isNullAt(i) ? null : map.getValues().getString(i));
        }
    }
}
