package io.breakwater.region;

import io.breakwater.platform.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/**
 * How an ACL that a fence made is told from the same one made by a person. Kafka's ACLs carry no name, so beside each
 * stands a second one, the label: for the same principal, it denies {@code DESCRIBE} on a transactional id that nobody
 * uses, and whose name is the digest of the ACL that it labels. A label is made before its ACL and deleted after it: an
 * ACL of the fence is never without.
 */
public final class FenceLabel {

    /** How the transactional ids of labels begin. */
    public static final String PREFIX = "breakwater.fence.";

    private static final int DIGITS = 32;

    private FenceLabel() {}

    public static AclBinding of(AclBinding labelled) {
        String digest = Sha256.of(String.join(
                                "\n",
                                labelled.pattern().resourceType().name(),
                                labelled.pattern().patternType().name(),
                                labelled.pattern().name(),
                                labelled.entry().principal(),
                                labelled.entry().host(),
                                labelled.entry().operation().name(),
                                labelled.entry().permissionType().name())
                        .getBytes(StandardCharsets.UTF_8))
                .substring(0, DIGITS);
        return new AclBinding(
                new ResourcePattern(ResourceType.TRANSACTIONAL_ID, PREFIX + digest, PatternType.LITERAL),
                new AccessControlEntry(
                        labelled.entry().principal(), "*", AclOperation.DESCRIBE, AclPermissionType.DENY));
    }

    public static boolean isLabel(AclBinding acl) {
        return acl.pattern().resourceType() == ResourceType.TRANSACTIONAL_ID
                && acl.pattern().name().startsWith(PREFIX);
    }

    /** Those of a cluster's ACLs that a fence made, without their labels. */
    public static Set<AclBinding> labelled(Collection<AclBinding> acls) {
        Set<AclBinding> labels = acls.stream().filter(FenceLabel::isLabel).collect(Collectors.toSet());
        return labels.isEmpty()
                ? Set.of()
                : acls.stream()
                        .filter(acl -> !isLabel(acl) && labels.contains(of(acl)))
                        .collect(Collectors.toSet());
    }
}
