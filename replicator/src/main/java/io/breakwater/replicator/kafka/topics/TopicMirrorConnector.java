package io.breakwater.replicator.kafka.topics;

import io.breakwater.platform.InvalidPlatformException;
import io.breakwater.platform.ProtectionGroup;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.mirror.MirrorSourceConnector;
import org.apache.kafka.connect.mirror.MirrorUtils;

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

    /**
     * {@inheritDoc} Beside MirrorMaker's offsets, -1 is taken: the partition begins at its first record, whatever its
     * copy has already.
     */
    @Override
    public boolean alterOffsets(Map<String, String> settings, Map<Map<String, ?>, Map<String, ?>> offsets) {
        Map<Map<String, ?>, Map<String, ?>> theirs = new HashMap<>(offsets);
        theirs.replaceAll(
                (partition, offset) -> MirrorOffsets.isBeginning(offset) ? MirrorUtils.wrapOffset(0) : offset);
        return super.alterOffsets(settings, theirs);
    }

    @Override
    public Class<? extends Task> taskClass() {
        return TopicMirrorTask.class;
    }
}
