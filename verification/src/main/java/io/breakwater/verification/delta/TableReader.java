package io.breakwater.verification.delta;

import io.breakwater.region.KernelFiles;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectUri;
import io.delta.kernel.Scan;
import io.delta.kernel.Snapshot;
import io.delta.kernel.TableManager;
import io.delta.kernel.data.ColumnarBatch;
import io.delta.kernel.data.FilteredColumnarBatch;
import io.delta.kernel.data.Row;
import io.delta.kernel.defaults.engine.DefaultEngine;
import io.delta.kernel.engine.Engine;
import io.delta.kernel.engine.FileReadResult;
import io.delta.kernel.internal.InternalScanFileUtils;
import io.delta.kernel.internal.data.ScanStateRow;
import io.delta.kernel.internal.util.Utils;
import io.delta.kernel.types.StructType;
import io.delta.kernel.utils.CloseableIterator;
import io.delta.kernel.utils.FileStatus;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Reads a table through Delta Kernel. Thread-safe. */
public final class TableReader {

    /** A table could not be read. The message names table, version and cause. */
    public static final class UnreadableTableException extends Exception {

        private static final long serialVersionUID = 1L;

        UnreadableTableException(ObjectUri table, long version, Throwable cause) {
            super("table " + table + " at version " + version + ": " + cause, cause);
        }

        UnreadableTableException(ObjectUri table, Throwable cause) {
            super("table " + table + " at its newest version: " + cause, cause);
        }
    }

    private final ObjectUri table;
    private final Engine engine;

    public TableReader(ObjectStore store, ObjectUri table) {
        this.table = table;
        this.engine = DefaultEngine.create(new KernelFiles(store));
    }

    /** Every row is read. */
    public TableContent content(long version) throws UnreadableTableException {
        RowDigest digest = new RowDigest();
        SortedMap<String, Long> files = read(version, digest::add);
        return new TableContent(version, files, digest.rows(), digest.hex());
    }

    /** As {@link #content}, of the version that a reader gets who does not name one. */
    public TableContent newest() throws UnreadableTableException {
        try {
            Snapshot newest = TableManager.loadSnapshot(table.toString()).build(engine);
            RowDigest digest = new RowDigest();
            SortedMap<String, Long> files = read(newest, digest::add);
            return new TableContent(newest.getVersion(), files, digest.rows(), digest.hex());
        } catch (IOException | RuntimeException e) {
            throw new UnreadableTableException(table, e);
        }
    }

    /** Every file is named, none is opened. */
    public SortedMap<String, Long> files(long version) throws UnreadableTableException {
        try {
            Scan scan = snapshot(version).getScanBuilder().build();
            SortedMap<String, Long> files = new TreeMap<>();
            scanFiles(scan).forEach(file -> {
                FileStatus status = InternalScanFileUtils.getAddFileStatus(file);
                files.put(relative(status), status.getSize());
            });
            return files;
        } catch (IOException | RuntimeException e) {
            throw new UnreadableTableException(table, version, e);
        }
    }

    /**
     * Gives the rows of each file to the receiver, in batches that say which of their rows are selected.
     *
     * @return the files read, with their sizes
     */
    public SortedMap<String, Long> read(long version, Consumer<FilteredColumnarBatch> receiver)
            throws UnreadableTableException {
        try {
            return read(snapshot(version), receiver);
        } catch (IOException | RuntimeException e) {
            // Kernel and Parquet throw whatever they meet; to the caller it is one thing.
            throw new UnreadableTableException(table, version, e);
        }
    }

    private SortedMap<String, Long> read(Snapshot snapshot, Consumer<FilteredColumnarBatch> receiver)
            throws IOException {
        Scan scan = snapshot.getScanBuilder().build();
        Row state = scan.getScanState(engine);
        SortedMap<String, Long> files = new TreeMap<>();
        for (Row file : scanFiles(scan)) {
            FileStatus status = InternalScanFileUtils.getAddFileStatus(file);
            files.put(relative(status), status.getSize());
            readFile(state, file, status, receiver);
        }
        return files;
    }

    private Snapshot snapshot(long version) {
        return TableManager.loadSnapshot(table.toString()).atVersion(version).build(engine);
    }

    private List<Row> scanFiles(Scan scan) throws IOException {
        List<Row> files = new ArrayList<>();
        try (CloseableIterator<FilteredColumnarBatch> batches = scan.getScanFiles(engine)) {
            while (batches.hasNext()) {
                try (CloseableIterator<Row> rows = batches.next().getRows()) {
                    rows.forEachRemaining(files::add);
                }
            }
        }
        return files;
    }

    private void readFile(Row state, Row file, FileStatus status, Consumer<FilteredColumnarBatch> receiver)
            throws IOException {
        StructType physical = ScanStateRow.getPhysicalDataReadSchema(state);
        CloseableIterator<ColumnarBatch> data = engine.getParquetHandler()
                .readParquetFiles(Utils.singletonCloseableIterator(status), physical, Optional.empty())
                .map(FileReadResult::getData);
        try (CloseableIterator<FilteredColumnarBatch> logical = Scan.transformPhysicalData(engine, state, file, data)) {
            logical.forEachRemaining(receiver);
        }
    }

    private String relative(FileStatus status) {
        String path = status.getPath();
        String root = table + "/";
        // A shallow clone's files lie elsewhere.
        return path.startsWith(root) ? path.substring(root.length()) : path;
    }
}
