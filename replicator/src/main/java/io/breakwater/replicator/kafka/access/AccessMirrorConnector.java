package io.breakwater.replicator.kafka.access;

import io.breakwater.platform.InvalidPlatformException;
import io.breakwater.platform.ProtectionGroup;
import io.breakwater.replicator.receipts.ReceiptConnector;
import org.apache.kafka.connect.connector.Task;

/**
 * Keeps the standby's access rules as the source's: prepared, but fenced, because the fence is none of them and is not
 * touched. Its settings are those of the asset kind {@code kafka-access}; see {@link AccessAsset}.
 */
public final class AccessMirrorConnector extends ReceiptConnector {

    /** The asset kind, and its part of a connector's name. */
    public static final String KIND = "kafka-access";

    /** @throws InvalidPlatformException if a setting of the asset is none */
    public static void checkAssets(String groupName, ProtectionGroup group) {
        AccessAsset.of(groupName, group);
    }

    @Override
    public Class<? extends Task> taskClass() {
        return AccessMirrorTask.class;
    }
}
