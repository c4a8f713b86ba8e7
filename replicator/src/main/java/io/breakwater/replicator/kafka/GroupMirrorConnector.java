package io.breakwater.replicator.kafka;

import io.breakwater.replicator.receipts.ReceiptConnector;
import org.apache.kafka.connect.connector.Task;

/**
 * Keeps the positions of a protection group's consumer groups on the standby, each second, exact to the record. A group
 * with members on the standby is left alone. Announces the source positions, so that a promotion can translate them
 * once more when the last record has arrived.
 */
public final class GroupMirrorConnector extends ReceiptConnector {

    @Override
    public Class<? extends Task> taskClass() {
        return GroupMirrorTask.class;
    }
}
