package io.breakwater.replicator.kafka.access;

import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/** An ACL in Kafka's words, as it is kept between runs. */
record AclRule(
        String resourceType,
        String name,
        String patternType,
        String principal,
        String host,
        String operation,
        String permission) {

    static AclRule of(AclBinding binding) {
        return new AclRule(
                binding.pattern().resourceType().name(),
                binding.pattern().name(),
                binding.pattern().patternType().name(),
                binding.entry().principal(),
                binding.entry().host(),
                binding.entry().operation().name(),
                binding.entry().permissionType().name());
    }

    AclBinding binding() {
        return new AclBinding(
                new ResourcePattern(ResourceType.valueOf(resourceType), name, PatternType.valueOf(patternType)),
                new AccessControlEntry(
                        principal, host, AclOperation.valueOf(operation), AclPermissionType.valueOf(permission)));
    }
}
