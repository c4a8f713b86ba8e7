package io.breakwater.platform;

import java.util.Optional;

/**
 * The application id under which a table writer records how far it has read a Kafka partition, in Delta's {@code txn}
 * action: the action's version is the next offset to read. The id names the cluster whose offsets these are, so that a
 * writer never takes positions of the other region's cluster for its own. Written
 * {@code breakwater:<writer>:<cluster id>:<topic>-<partition>}.
 *
 * @param clusterId Kafka's cluster id, which has no colon
 */
public record WriterInput(String writer, String clusterId, PartitionKey partition) {

    private static final String PREFIX = "breakwater";

    public WriterInput {
        if (writer.isEmpty() || writer.contains(":") || clusterId.isEmpty() || clusterId.contains(":")) {
            throw new IllegalArgumentException(
                    "writer '" + writer + "' of cluster '" + clusterId + "': both are needed, without a colon");
        }
    }

    /** @return empty if the application id is not one of these (a table may have other writers) */
    public static Optional<WriterInput> parse(String appId) {
        String[] parts = appId.split(":", 4);
        if (parts.length != 4 || !parts[0].equals(PREFIX)) {
            return Optional.empty();
        }
        return Optional.of(new WriterInput(parts[1], parts[2], PartitionKey.parse(parts[3])));
    }

    public String appId() {
        return String.join(":", PREFIX, writer, clusterId, partition.toString());
    }
}
