package io.breakwater.replicator.kafka.topics;

import io.breakwater.platform.InvalidPlatformException;
import io.breakwater.platform.ProtectionGroup;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.mirror.MirrorSourceConnector;

/**
 * MirrorMaker's source connector with tasks that refuse what would spoil the standby's copy: see
 * {@link TopicMirrorTask}. Its settings are MirrorMaker's.
 */
public final class TopicMirrorConnector extends MirrorSourceConnector {

    /** In bytes, with all that belongs to it: what the flow's producer must be allowed to send. */
    public static final long GREATEST_RECORD = MessageLimits.GREATEST;

    /** @throws InvalidPlatformException if a setting of a kafka-topic asset is none */
    public static void checkAssets(String groupName, ProtectionGroup group) {
        TopicAsset.of(groupName, group);
    }

    @Override
    public Class<? extends Task> taskClass() {
        return TopicMirrorTask.class;
    }
}
