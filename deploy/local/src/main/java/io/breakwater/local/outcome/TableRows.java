package io.breakwater.local.outcome;

import io.breakwater.local.flights.FlightEvent;
import io.breakwater.region.KernelFiles;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectUri;
import io.delta.kernel.Scan;
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
import io.delta.kernel.utils.CloseableIterator;
import java.io.IOException;
import java.util.Optional;

/** The rows of a version of the flights table, read by Delta Kernel. */
final class TableRows {

    private final Engine engine;
    private final String location;

    TableRows(ObjectStore store, ObjectUri table) {
        engine = DefaultEngine.create(new KernelFiles(store));
        location = table.toString();
    }

    RowDigest digest(long version) throws IOException {
        Scan scan = TableManager.loadSnapshot(location)
                .atVersion(version)
                .build(engine)
                .getScanBuilder()
                .build();
        Row state = scan.getScanState(engine);
        RowDigest digest = RowDigest.EMPTY;
        try (CloseableIterator<FilteredColumnarBatch> files = scan.getScanFiles(engine)) {
            while (files.hasNext()) {
                try (CloseableIterator<Row> rows = files.next().getRows()) {
                    while (rows.hasNext()) {
                        digest = read(state, rows.next(), digest);
                    }
                }
            }
        }
        return digest;
    }

    private RowDigest read(Row state, Row file, RowDigest before) throws IOException {
        RowDigest digest = before;
        CloseableIterator<ColumnarBatch> physical = engine.getParquetHandler()
                .readParquetFiles(
                        Utils.singletonCloseableIterator(InternalScanFileUtils.getAddFileStatus(file)),
                        ScanStateRow.getPhysicalDataReadSchema(state),
                        Optional.empty())
                .map(FileReadResult::getData);
        try (CloseableIterator<FilteredColumnarBatch> batches =
                Scan.transformPhysicalData(engine, state, file, physical)) {
            while (batches.hasNext()) {
                try (CloseableIterator<Row> rows = batches.next().getRows()) {
                    while (rows.hasNext()) {
                        digest = digest.with(event(rows.next()));
                    }
                }
            }
        }
        return digest;
    }

    /** A row whose partition does not fit its own date is no row of this table. */
    private static FlightEvent event(Row row) {
        FlightEvent event = new FlightEvent(
                row.getLong(column(row, "id")),
                row.getLong(column(row, "sequence")),
                row.getString(column(row, "airport")),
                row.getString(column(row, "destination")),
                row.getString(column(row, "departed")),
                row.getInt(column(row, "delay_minutes")),
                row.getInt(column(row, "distance_miles")),
                row.getLong(column(row, "produced_at")));
        String month = row.getString(column(row, "month"));
        if (!month.equals(event.month())) {
            throw new IllegalStateException("row " + event + " lies in partition " + month);
        }
        return event;
    }

    private static int column(Row row, String name) {
        return row.getSchema().indexOf(name);
    }
}
