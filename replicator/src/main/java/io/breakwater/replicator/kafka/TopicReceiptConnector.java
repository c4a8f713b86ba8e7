package io.breakwater.replicator.kafka;

import io.breakwater.replicator.receipts.ReceiptConnector;
import org.apache.kafka.connect.connector.Task;

/** Announces up to which source offset each topic of a group is on the standby, each second. */
public final class TopicReceiptConnector extends ReceiptConnector {

    /** Its part of a connector's name. */
    public static final String KIND = "kafka-receipts";

    @Override
    public Class<? extends Task> taskClass() {
        return TopicReceiptTask.class;
    }
}
