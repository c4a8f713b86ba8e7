package io.breakwater.controller.fence;

import io.breakwater.platform.FenceSpec;
import io.breakwater.region.FenceLabel;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/**
 * Which ACLs close a cluster for a group, given those that it has. Pure.
 *
 * <p>Kafka knows no exception from a denial, and the flow into a closed region has to write on. So nobody is denied as
 * {@code User:*}: each principal that ACLs allow to write the group's topics or to commit for its consumer groups is denied
 * by name. Who is allowed nothing by name is shut out because each closed pattern has an ACL, whatever
 * {@code allow.everyone.if.no.acl.found} says: {@link #anchors}.
 *
 * @param denials what closes it; without those of the probe's own topic
 * @param principals whom it closes out
 * @param obstacles why it cannot be closed so, one sentence each
 */
record AclFencePlan(Set<AclBinding> denials, SortedSet<String> principals, List<String> obstacles) {

    private static final String EVERYBODY = "User:*";
    private static final ResourcePattern TRANSACTIONS =
            new ResourcePattern(ResourceType.TRANSACTIONAL_ID, "*", PatternType.LITERAL);

    /**
     * @param mirrorPrincipal who writes into the cluster as the flow
     * @param pipelinePrincipals of the group
     * @param existing all ACLs of the cluster
     */
    static AclFencePlan of(
            GovernedResources governed,
            FenceSpec.Acls spec,
            String mirrorPrincipal,
            Collection<String> pipelinePrincipals,
            Collection<AclBinding> existing) {
        Set<AclBinding> own = FenceLabel.labelled(existing);
        SortedSet<String> principals = new TreeSet<>(pipelinePrincipals);
        List<String> obstacles = new ArrayList<>();
        for (AclBinding acl : existing) {
            if (own.contains(acl) || FenceLabel.isLabel(acl) || !letsWrite(acl, governed)) {
                continue;
            }
            if (acl.entry().principal().equals(EVERYBODY)) {
                obstacles.add("ACL " + acl + " allows everybody, and a denial for everybody would stop the mirror too;"
                        + " allow each principal by its name instead");
            } else {
                principals.add(acl.entry().principal());
            }
        }
        principals.remove(mirrorPrincipal);
        principals.removeAll(spec.exempt());
        principals.remove(spec.probePrincipal());
        Set<AclBinding> denials = new LinkedHashSet<>(anchors(governed, spec.probePrincipal()));
        principals.forEach(principal -> denials.addAll(denials(governed, principal)));
        return new AclFencePlan(denials, principals, obstacles);
    }

    private static boolean letsWrite(AclBinding acl, GovernedResources governed) {
        if (acl.entry().permissionType() != AclPermissionType.ALLOW) {
            return false;
        }
        ResourceType type = acl.pattern().resourceType();
        boolean topic = type == ResourceType.TOPIC && grants(acl.entry(), AclOperation.WRITE);
        boolean commit = type == ResourceType.GROUP && grants(acl.entry(), AclOperation.READ);
        return (topic && governed.topics().stream().anyMatch(p -> GovernedResources.overlap(p, acl.pattern())))
                || (commit
                        && governed.consumerGroups().stream()
                                .anyMatch(p -> GovernedResources.overlap(p, acl.pattern())));
    }

    private static boolean grants(AccessControlEntry entry, AclOperation operation) {
        return entry.operation() == operation || entry.operation() == AclOperation.ALL;
    }

    /** The three operations that the lease governs too; without the second, an open transaction could be committed. */
    private static List<AclBinding> denials(GovernedResources governed, String principal) {
        return Stream.of(
                        governed.topics().stream().map(topic -> denial(topic, principal, AclOperation.WRITE)),
                        Stream.of(denial(TRANSACTIONS, principal, AclOperation.WRITE)),
                        governed.consumerGroups().stream().map(group -> denial(group, principal, AclOperation.READ)))
                .flatMap(denials -> denials)
                .toList();
    }

    /** They take nothing from anybody, but that a closed pattern has an ACL and nobody passes for lack of one. */
    private static List<AclBinding> anchors(GovernedResources governed, String probePrincipal) {
        return Stream.of(
                        governed.topics().stream().map(topic -> denial(topic, probePrincipal, AclOperation.DELETE)),
                        Stream.of(denial(TRANSACTIONS, probePrincipal, AclOperation.DESCRIBE)),
                        governed.consumerGroups().stream()
                                .map(group -> denial(group, probePrincipal, AclOperation.DELETE)))
                .flatMap(anchors -> anchors)
                .toList();
    }

    static AclBinding denial(ResourcePattern pattern, String principal, AclOperation operation) {
        return new AclBinding(pattern, new AccessControlEntry(principal, "*", operation, AclPermissionType.DENY));
    }

    /** What of it a cluster lacks. */
    Set<AclBinding> missing(Collection<AclBinding> existing) {
        Set<AclBinding> missing = new LinkedHashSet<>(denials);
        missing.removeAll(new HashSet<>(existing));
        return missing;
    }
}
