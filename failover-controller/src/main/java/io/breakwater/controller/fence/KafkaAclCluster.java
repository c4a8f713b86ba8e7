package io.breakwater.controller.fence;

import io.breakwater.controller.core.Gate;
import io.breakwater.platform.FenceSpec;
import io.breakwater.platform.Platform;
import io.breakwater.platform.Region.KafkaCluster;
import io.breakwater.region.FenceLabel;
import io.breakwater.region.KafkaAnswer;
import io.breakwater.region.KafkaSettings;
import io.breakwater.region.RegionClients;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/**
 * The ACLs that close one cluster for a group. Each that it makes gets a {@link FenceLabel}, and only labelled ones are
 * taken away. Nothing is kept between calls but in the cluster: whoever calls next, after whatever crash, goes on from
 * what is there. Methods throw KafkaException if the cluster refuses or does not answer. Used by one thread at a time.
 *
 * <p>How a broker is known to know an ACL: brokers take ACLs over in the order in which they were made. The probe is let in
 * and then denied after all other denials were made; a broker that took its record and then refuses it knows them all.
 */
final class KafkaAclCluster implements AclCluster {

    static final String PROBE_TOPIC = "breakwater.fence-probe";

    private static final String SUPER_USERS = "super.users";
    private static final Duration LET_IN_LIMIT = Duration.ofSeconds(15);

    private final String region;
    private final FenceSpec.Acls spec;
    private final String mirrorPrincipal;
    private final Collection<String> pipelinePrincipals;
    private final GovernedResources governed;
    private final Admin admin;
    private final Map<String, Object> probeSettings;

    private KafkaAclCluster(
            String region,
            FenceSpec.Acls spec,
            KafkaCluster cluster,
            Collection<String> pipelinePrincipals,
            GovernedResources governed,
            Admin admin) {
        this.region = region;
        this.spec = spec;
        this.mirrorPrincipal = cluster.mirrorPrincipal();
        this.pipelinePrincipals = List.copyOf(pipelinePrincipals);
        this.governed = governed;
        this.admin = admin;
        this.probeSettings = KafkaSettings.as(cluster, spec.probe());
    }

    /** Asks nothing of the cluster yet. */
    static KafkaAclCluster of(
            Platform platform, String group, String region, FenceSpec.Acls spec, RegionClients clients) {
        return new KafkaAclCluster(
                region,
                spec,
                platform.region(region).kafka(),
                platform.group(group).pipelinePrincipals(),
                GovernedResources.of(platform.group(group)),
                clients.admin(region));
    }

    @Override
    public String region() {
        return region;
    }

    @Override
    public boolean stands() throws InterruptedException {
        Collection<AclBinding> existing = acls();
        AclFencePlan plan = plan(existing);
        return plan.obstacles().isEmpty() && plan.missing(existing).isEmpty() && existing.contains(probeDenied());
    }

    @Override
    public boolean hasRemains() throws InterruptedException {
        return acls().stream().anyMatch(FenceLabel::isLabel);
    }

    @Override
    public Closing close(Instant deadline) throws InterruptedException {
        Collection<AclBinding> before = acls();
        AclFencePlan plan = plan(before);
        if (!plan.obstacles().isEmpty()) {
            return new Closing.NotClosed(
                    "Kafka of " + region + " cannot be closed by ACLs: " + String.join("; ", plan.obstacles()));
        }
        create(plan.missing(before));
        if (FenceLabel.labelled(before).contains(probeDenied())) {
            delete(List.of(probeDenied()));
        }
        if (!before.contains(probeAllowed())) {
            create(List.of(probeAllowed()));
        }
        SortedSet<Integer> brokers;
        try (WriteProbe probe = WriteProbe.open(admin, PROBE_TOPIC, probeSettings)) {
            SortedSet<Integer> refusing =
                    probe.refusingBrokers(earlier(deadline, Instant.now().plus(LET_IN_LIMIT)));
            if (!refusing.isEmpty()) {
                return new Closing.NotClosed("brokers " + refusing + " of region " + region + " refuse "
                        + spec.probePrincipal() + " on topic " + PROBE_TOPIC + " although it is allowed, so that its"
                        + " refusal proves nothing; see that kafka.fence.probe logs in as it, and that no other ACL"
                        + " denies it");
            }
            create(List.of(probeDenied()));
            SortedSet<Integer> open = probe.openBrokers(deadline);
            if (!open.isEmpty()) {
                return new Closing.NotClosed(spec.probePrincipal() + " can still write on brokers " + open
                        + " of region " + region + " although it is denied; is it one of " + SUPER_USERS + "?");
            }
            brokers = probe.brokers();
        }
        Collection<AclBinding> after = acls();
        AclFencePlan now = plan(after);
        return now.obstacles().isEmpty() && now.missing(after).isEmpty()
                ? new Closing.Closed(brokers, now.principals(), now.denials().size(), notClosedOut())
                : new Closing.NotClosed("the ACLs of region " + region + " were changed while it was being closed; "
                        + now.missing(after).size() + " are missing");
    }

    @Override
    public SortedSet<Integer> open(Gate gate, Instant deadline) throws InterruptedException {
        Collection<AclBinding> before = acls();
        Set<AclBinding> own = FenceLabel.labelled(before);
        List<AclBinding> taken = own.stream()
                .filter(acl -> !acl.equals(probeAllowed()) && !acl.equals(probeDenied()))
                .filter(acl -> gate == Gate.ingress
                        || pipelinePrincipals.contains(acl.entry().principal()))
                .toList();
        if (before.stream().noneMatch(FenceLabel::isLabel)) {
            return new TreeSet<>();
        }
        SortedSet<Integer> refusing;
        try (WriteProbe probe = WriteProbe.open(admin, PROBE_TOPIC, probeSettings)) {
            create(List.of(probeAllowed(), probeDenied()).stream()
                    .filter(acl -> !before.contains(acl))
                    .toList());
            SortedSet<Integer> open =
                    probe.openBrokers(earlier(deadline, Instant.now().plus(LET_IN_LIMIT)));
            if (!open.isEmpty()) {
                return open;
            }
            delete(taken);
            delete(List.of(probeDenied()));
            refusing = probe.refusingBrokers(deadline);
        }
        if (refusing.isEmpty()) {
            forget(gate, taken);
        }
        return refusing;
    }

    /** The labels go last: what is still there was the fence's. */
    private void forget(Gate gate, List<AclBinding> taken) throws InterruptedException {
        if (gate == Gate.ingress) {
            Collection<AclBinding> left = acls();
            if (FenceLabel.labelled(left).contains(probeAllowed())) {
                delete(List.of(probeAllowed()));
            }
            delete(left.stream().filter(FenceLabel::isLabel).toList());
        } else {
            List<AclBinding> labels = new ArrayList<>(taken);
            labels.add(probeDenied());
            delete(labels.stream().map(FenceLabel::of).toList());
        }
    }

    private AclFencePlan plan(Collection<AclBinding> existing) {
        return AclFencePlan.of(governed, spec, mirrorPrincipal, pipelinePrincipals, existing);
    }

    private AclBinding probeAllowed() {
        return new AclBinding(
                probeTopic(),
                new AccessControlEntry(spec.probePrincipal(), "*", AclOperation.WRITE, AclPermissionType.ALLOW));
    }

    private AclBinding probeDenied() {
        return AclFencePlan.denial(probeTopic(), spec.probePrincipal(), AclOperation.WRITE);
    }

    private static ResourcePattern probeTopic() {
        return new ResourcePattern(ResourceType.TOPIC, PROBE_TOPIC, PatternType.LITERAL);
    }

    private Collection<AclBinding> acls() throws InterruptedException {
        return KafkaAnswer.await(admin.describeAcls(AclBindingFilter.ANY).values(), "list ACLs of " + region);
    }

    private void create(Collection<AclBinding> acls) throws InterruptedException {
        if (!acls.isEmpty()) {
            List<AclBinding> labels = acls.stream().map(FenceLabel::of).toList();
            KafkaAnswer.await(admin.createAcls(labels).all(), "label the fence of " + region);
            KafkaAnswer.await(admin.createAcls(acls).all(), "close " + region);
        }
    }

    private void delete(Collection<AclBinding> acls) throws InterruptedException {
        if (!acls.isEmpty()) {
            KafkaAnswer.await(
                    admin.deleteAcls(acls.stream().map(AclBinding::toFilter).toList())
                            .all(),
                    "open " + region);
        }
    }

    /** Kafka names the setting and hides its value: that there are such principals is all that can be seen. */
    private List<String> notClosedOut() throws InterruptedException {
        List<ConfigResource> brokers = KafkaAnswer.await(admin.describeCluster().nodes(), "list brokers").stream()
                .map(Node::idString)
                .map(id -> new ConfigResource(ConfigResource.Type.BROKER, id))
                .toList();
        try {
            Map<ConfigResource, Config> configs =
                    KafkaAnswer.await(admin.describeConfigs(brokers).all(), "read settings of brokers");
            String with = configs.entrySet().stream()
                    .filter(broker -> broker.getValue().get(SUPER_USERS) != null)
                    .map(broker -> broker.getKey().name())
                    .sorted()
                    .collect(Collectors.joining(", "));
            return with.isEmpty()
                    ? List.of()
                    : List.of("principals in " + SUPER_USERS + " of brokers " + with
                            + ", whom no ACL closes out; Kafka does not say who they are");
        } catch (AuthorizationException e) {
            return List.of(
                    "principals in " + SUPER_USERS + ", if there are any: Breakwater may not read the settings of"
                            + " the brokers, DESCRIBE_CONFIGS on the cluster is missing");
        }
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }
}
