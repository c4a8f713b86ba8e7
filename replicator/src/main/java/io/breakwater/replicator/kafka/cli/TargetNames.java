package io.breakwater.replicator.kafka.cli;

import io.breakwater.platform.PartitionKey;
import picocli.CommandLine.Option;

/** How the mirror names a topic on the target: as on the source, or with something in front of it. */
final class TargetNames {

    @Option(
            names = "--target-prefix",
            paramLabel = "TEXT",
            description = "What the mirror puts in front of a topic's name on the target. MirrorMaker's default policy"
                    + " takes the source's alias and a dot; its IdentityReplicationPolicy, and so Breakwater, nothing.")
    private String prefix = "";

    PartitionKey onTarget(PartitionKey source) {
        return prefix.isEmpty() ? source : new PartitionKey(prefix + source.topic(), source.partition());
    }

    PartitionKey onSource(PartitionKey target) {
        return new PartitionKey(target.topic().substring(prefix.length()), target.partition());
    }
}
