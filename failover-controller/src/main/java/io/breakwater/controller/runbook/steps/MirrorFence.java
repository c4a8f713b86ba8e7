package io.breakwater.controller.runbook.steps;

import io.breakwater.controller.fence.WriteProbe;
import io.breakwater.platform.Region.KafkaCluster;
import io.breakwater.region.KafkaAnswer;
import io.breakwater.region.KafkaSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.SortedSet;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.Resource;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/**
 * The denials that keep a flow's principal out of a promoted region: one list, so that what is lifted when the region
 * follows again is what was put there, and no other ACL. Methods throw KafkaException if the cluster does not answer.
 */
public final class MirrorFence {

    /** A mirror also makes topics, adds partitions and follows settings. */
    private static final List<AclOperation> TOPIC_CHANGES =
            List.of(AclOperation.CREATE, AclOperation.ALTER, AclOperation.ALTER_CONFIGS, AclOperation.DELETE);

    /** A flow that carries access rules may change ACLs, SCRAM users and client quotas, and so this fence. */
    private static final List<AclOperation> CLUSTER_CHANGES = List.of(AclOperation.ALTER, AclOperation.ALTER_CONFIGS);

    static final String PROBE_TOPIC = "breakwater.probe";

    private static final String ALL = "*";

    private static final Duration LIFT_LIMIT = Duration.ofSeconds(10);

    private final Admin admin;
    private final String principal;

    /**
     * @param admin of the region's cluster; stays the caller's to close
     * @param principal as {@code User:name}: who writes into it as the flow
     */
    public MirrorFence(Admin admin, String principal) {
        this.admin = admin;
        this.principal = principal;
    }

    /** Writes to topics last: a broker that refuses those knows the other denials too. Reading stays allowed. */
    void raise() throws InterruptedException {
        KafkaAnswer.await(admin.createAcls(others()).all(), "deny " + principal);
        KafkaAnswer.await(admin.createAcls(List.of(writes())).all(), "deny " + principal);
    }

    /**
     * Takes away exactly what {@link #raise} put there, and waits until every live broker knows: a task that begins to
     * write before would fail for good. Nothing happens if nothing is there.
     *
     * @return brokers that still refuse after {@link #LIFT_LIMIT}
     */
    public SortedSet<Integer> lift(KafkaCluster cluster) throws InterruptedException {
        KafkaAnswer.await(
                admin.deleteAcls(Stream.concat(others().stream(), Stream.of(writes()))
                                .map(AclBinding::toFilter)
                                .toList())
                        .all(),
                "lift the fence of " + principal);
        try (WriteProbe probe = WriteProbe.open(admin, PROBE_TOPIC, KafkaSettings.mirror(cluster))) {
            return probe.refusingBrokers(Instant.now().plus(LIFT_LIMIT));
        }
    }

    private List<AclBinding> others() {
        return Stream.of(
                        Stream.of(
                                denial(ResourceType.TRANSACTIONAL_ID, ALL, AclOperation.WRITE),
                                denial(ResourceType.GROUP, ALL, AclOperation.READ)),
                        TOPIC_CHANGES.stream().map(change -> denial(ResourceType.TOPIC, ALL, change)),
                        CLUSTER_CHANGES.stream()
                                .map(change -> denial(ResourceType.CLUSTER, Resource.CLUSTER_NAME, change)))
                .flatMap(denials -> denials)
                .toList();
    }

    private AclBinding writes() {
        return denial(ResourceType.TOPIC, ALL, AclOperation.WRITE);
    }

    private AclBinding denial(ResourceType type, String name, AclOperation operation) {
        return new AclBinding(
                new ResourcePattern(type, name, PatternType.LITERAL),
                new AccessControlEntry(principal, "*", operation, AclPermissionType.DENY));
    }
}
