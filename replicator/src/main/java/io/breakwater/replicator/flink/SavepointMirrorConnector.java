package io.breakwater.replicator.flink;

import io.breakwater.replicator.receipts.ReceiptConnector;
import org.apache.kafka.connect.connector.Task;

/** Keeps savepoints of a group's Flink jobs restorable on the standby, and announces them. */
public final class SavepointMirrorConnector extends ReceiptConnector {

    @Override
    public Class<? extends Task> taskClass() {
        return SavepointMirrorTask.class;
    }
}
