package io.breakwater.replicator.kafka.topics;

import io.breakwater.replicator.receipts.ReceiptConnector;
import org.apache.kafka.connect.connector.Task;

/**
 * Does for a group's topics what MirrorMaker leaves undone, and watches the flow's connectors: deletes by policy,
 * follows {@code max.message.bytes}, compares partitions and names, finds foreign writes, and reports what is wrong.
 */
public final class TopicPolicyConnector extends ReceiptConnector {

    /** Its part of a connector's name. */
    public static final String KIND = "kafka-topics";

    @Override
    public Class<? extends Task> taskClass() {
        return TopicPolicyTask.class;
    }
}
