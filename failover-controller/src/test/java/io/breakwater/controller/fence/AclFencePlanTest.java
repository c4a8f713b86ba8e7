package io.breakwater.controller.fence;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.platform.FenceSpec;
import io.breakwater.region.FenceLabel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AclFencePlanTest {

    private static final FenceSpec.Acls SPEC = new FenceSpec.Acls(Map.of(), "User:probe", List.of("User:connect"));
    private static final GovernedResources GOVERNED = new GovernedResources(
            List.of(GovernedResources.covering(ResourceType.TOPIC, "flights\\..*")),
            List.of(GovernedResources.covering(ResourceType.GROUP, "flights-.*")));

    @ParameterizedTest
    @CsvSource({
        "flights\\..*, flights., PREFIXED",
        "flights, flights, LITERAL",
        "flights\\.a, flights.a, LITERAL",
        "flights-\\d+, flights-, PREFIXED",
        "flightss?, flights, PREFIXED",
        "flights(-a)?, flights, PREFIXED",
        "flights[ab], flights, PREFIXED",
        ".*, *, LITERAL",
        "a*, *, LITERAL",
        "flights|trains, *, LITERAL",
        "(?i)flights, *, LITERAL"
    })
    void aPatternIsCoveredByWhatEachMatchBeginsWith(String regex, String name, PatternType type) {
        assertThat(GovernedResources.covering(ResourceType.TOPIC, regex))
                .isEqualTo(new ResourcePattern(ResourceType.TOPIC, name, type));
    }

    @Test
    void whoMayWriteOrCommitIsClosedOutAndNobodyElse() {
        List<AclBinding> acls = List.of(
                allow("User:writer", ResourceType.TOPIC, "flights.events", PatternType.LITERAL, AclOperation.WRITE),
                allow("User:all", ResourceType.TOPIC, "*", PatternType.LITERAL, AclOperation.ALL),
                allow("User:wide", ResourceType.TOPIC, "fl", PatternType.PREFIXED, AclOperation.WRITE),
                allow("User:commits", ResourceType.GROUP, "flights-a", PatternType.LITERAL, AclOperation.READ),
                allow("User:reader", ResourceType.TOPIC, "flights.", PatternType.PREFIXED, AclOperation.READ),
                allow("User:other", ResourceType.TOPIC, "trains.", PatternType.PREFIXED, AclOperation.WRITE),
                allow("User:connect", ResourceType.TOPIC, "*", PatternType.LITERAL, AclOperation.ALL),
                allow("User:mirror", ResourceType.TOPIC, "*", PatternType.LITERAL, AclOperation.ALL));

        AclFencePlan plan = plan(acls);

        assertThat(plan.principals())
                .containsExactly("User:all", "User:commits", "User:job", "User:wide", "User:writer");
        assertThat(plan.obstacles()).isEmpty();
        assertThat(plan.denials())
                .contains(
                        deny("User:writer", ResourceType.TOPIC, "flights.", PatternType.PREFIXED, AclOperation.WRITE),
                        deny("User:writer", ResourceType.GROUP, "flights-", PatternType.PREFIXED, AclOperation.READ),
                        deny(
                                "User:writer",
                                ResourceType.TRANSACTIONAL_ID,
                                "*",
                                PatternType.LITERAL,
                                AclOperation.WRITE))
                .noneMatch(acl -> List.of("User:mirror", "User:connect", "User:reader", "User:other", "User:*")
                        .contains(acl.entry().principal()));
    }

    @Test
    void whereEverybodyIsAllowedItCannotBeClosed() {
        AclPermissionType allow = AclPermissionType.ALLOW;
        AclBinding all = acl("User:*", ResourceType.TOPIC, "flights.", PatternType.PREFIXED, AclOperation.WRITE, allow);

        assertThat(plan(List.of(all)).obstacles()).hasSize(1);
        assertThat(plan(List.of(
                                acl("User:*", ResourceType.TOPIC, "*", PatternType.LITERAL, AclOperation.READ, allow),
                                acl(
                                        "User:*",
                                        ResourceType.TOPIC,
                                        "trains",
                                        PatternType.LITERAL,
                                        AclOperation.ALL,
                                        allow)))
                        .obstacles())
                .isEmpty();
    }

    @Test
    void eachPatternHasAnAclSoThatNobodyPassesForLackOfOne() {
        assertThat(plan(List.of()).denials())
                .contains(
                        deny("User:probe", ResourceType.TOPIC, "flights.", PatternType.PREFIXED, AclOperation.DELETE),
                        deny("User:probe", ResourceType.GROUP, "flights-", PatternType.PREFIXED, AclOperation.DELETE));
    }

    @Test
    void whatAFenceMadeIsToldFromTheSameOfAPerson() {
        AclBinding denied = deny("User:job", ResourceType.TOPIC, "flights.", PatternType.PREFIXED, AclOperation.WRITE);
        List<AclBinding> acls = new ArrayList<>(List.of(denied));
        assertThat(FenceLabel.labelled(acls)).isEmpty();
        assertThat(plan(acls).missing(acls)).doesNotContain(denied).isNotEmpty();

        acls.add(FenceLabel.of(denied));

        assertThat(FenceLabel.labelled(acls)).containsExactly(denied);
        assertThat(FenceLabel.isLabel(denied)).isFalse();
    }

    private static AclFencePlan plan(List<AclBinding> existing) {
        return AclFencePlan.of(GOVERNED, SPEC, "User:mirror", List.of("User:job"), existing);
    }

    private static AclBinding allow(
            String principal, ResourceType type, String name, PatternType pattern, AclOperation operation) {
        return acl(principal, type, name, pattern, operation, AclPermissionType.ALLOW);
    }

    private static AclBinding deny(
            String principal, ResourceType type, String name, PatternType pattern, AclOperation operation) {
        return acl(principal, type, name, pattern, operation, AclPermissionType.DENY);
    }

    private static AclBinding acl(
            String principal,
            ResourceType type,
            String name,
            PatternType pattern,
            AclOperation operation,
            AclPermissionType permission) {
        return new AclBinding(
                new ResourcePattern(type, name, pattern),
                new AccessControlEntry(principal, "*", operation, permission));
    }
}
