package io.breakwater.replicator.kafka.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.region.FenceLabel;
import io.breakwater.replicator.kafka.access.UserPlan.Login;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.quota.ClientQuotaEntity;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.Test;

class AccessPlansTest {

    private static final Set<String> MIRRORS = Set.of("User:mirror");
    private static final AclRule READ = rule("User:app", "flights.", PatternType.PREFIXED, AclPermissionType.ALLOW);
    private static final AclRule DENIED =
            rule("User:guest", "flights.secret", PatternType.LITERAL, AclPermissionType.DENY);
    private static final AclRule FENCE = rule("User:mirror", "*", PatternType.LITERAL, AclPermissionType.DENY);
    private static final AclRule GATE = rule("User:*", "*", PatternType.LITERAL, AclPermissionType.DENY);

    @Test
    void rulesOfApplicationsAreCopiedAndThoseOfFencesAreNot() {
        AclPlan plan = AclPlan.of(Set.of(READ, DENIED, FENCE, GATE), Set.of(), Set.of(), MIRRORS);

        assertThat(plan.create()).containsExactlyInAnyOrder(READ, DENIED);
        assertThat(plan.copied()).containsExactlyInAnyOrder(READ, DENIED);
        assertThat(plan.delete()).isEmpty();
    }

    @Test
    void whatClosesTheSourceIsNotCopiedAndTheSameRuleOfAPersonIs() {
        AclRule label = AclRule.of(FenceLabel.of(DENIED.binding()));

        assertThat(AclPlan.of(Set.of(READ, DENIED, label), Set.of(), Set.of(), MIRRORS)
                        .create())
                .containsExactly(READ);
        assertThat(AclPlan.of(Set.of(READ, DENIED), Set.of(), Set.of(), MIRRORS).create())
                .containsExactlyInAnyOrder(READ, DENIED);
        assertThat(AclPlan.of(Set.of(), Set.of(DENIED, label), Set.of(READ), MIRRORS)
                        .delete())
                .isEmpty();
    }

    @Test
    void whatWasCopiedIsDeletedWhenItIsGoneOnTheSourceAndNothingElseIs() {
        AclPlan plan = AclPlan.of(Set.of(), Set.of(READ, DENIED, FENCE), Set.of(READ, FENCE), MIRRORS);

        assertThat(plan.delete()).containsExactly(READ);
        assertThat(plan.copied()).isEmpty();
    }

    @Test
    void aRuleThatTheStandbyHadBeforeIsNotTakenForACopy() {
        AclPlan plan = AclPlan.of(Set.of(READ), Set.of(READ), Set.of(), MIRRORS);

        assertThat(plan.create()).isEmpty();
        assertThat(plan.copied()).isEmpty();
    }

    @Test
    void aFenceAgainstTheFlowIsKnownAndOthersAreNotTakenForIt() {
        assertThat(AclPlan.isRaised(Set.of(READ, FENCE), "User:mirror")).isTrue();
        assertThat(AclPlan.isRaised(Set.of(READ, DENIED, GATE), "User:mirror")).isFalse();
        assertThat(AclPlan.isRaised(Set.of(FENCE), "User:other-mirror")).isFalse();
    }

    @Test
    void aRuleComesBackAsItWas() {
        AclBinding binding = READ.binding();

        assertThat(AclRule.of(binding)).isEqualTo(READ);
        assertThat(binding.pattern().patternType()).isEqualTo(PatternType.PREFIXED);
    }

    @Test
    void quotasAreSetChangedAndRemovedWithTheirSource() {
        QuotaRule rate = QuotaRule.of(new ClientQuotaEntity(Map.of("user", "app")), "producer_byte_rate");
        QuotaRule old = QuotaRule.of(new ClientQuotaEntity(Map.of("user", "app")), "request_percentage");
        QuotaRule own = QuotaRule.of(new ClientQuotaEntity(Map.of("client-id", "west")), "request_percentage");
        SortedMap<QuotaRule, Double> source = new TreeMap<>(Map.of(rate, 1000.0));
        SortedMap<QuotaRule, Double> target = new TreeMap<>(Map.of(rate, 500.0, old, 10.0, own, 20.0));

        QuotaPlan plan = QuotaPlan.of(source, target, Set.of(old));

        assertThat(plan.changes()).containsOnly(Map.entry(rate, Optional.of(1000.0)), Map.entry(old, Optional.empty()));
        assertThat(plan.copied()).containsExactly(rate);
    }

    @Test
    void theDefaultEntityIsKafkasNull() {
        Map<String, String> names = new TreeMap<>();
        names.put("user", null);
        ClientQuotaEntity everyUser = new ClientQuotaEntity(names);

        QuotaRule rule = QuotaRule.of(everyUser, "producer_byte_rate");

        assertThat(rule.entity()).containsEntry("user", QuotaRule.DEFAULT);
        assertThat(rule.kafkas()).isEqualTo(everyUser);
    }

    @Test
    void usersWithoutAKnownPasswordAreNamedAndTheOthersMade() {
        Login app = new Login("app", "SCRAM_SHA_512");
        Login ops = new Login("ops", "SCRAM_SHA_256");
        Login gone = new Login("gone", "SCRAM_SHA_256");
        Login own = new Login("own", "SCRAM_SHA_256");
        SortedMap<Login, Integer> source = new TreeMap<>(Map.of(app, 8192, ops, 4096));
        SortedMap<Login, Integer> target = new TreeMap<>(Map.of(gone, 4096, own, 4096));

        UserPlan plan = UserPlan.of(source, target, Set.of("app"), Set.of(gone));

        assertThat(plan.make()).containsExactly(Map.entry(app, 8192));
        assertThat(plan.unknown()).containsOnlyKeys(ops);
        assertThat(plan.delete()).containsExactly(gone);
        assertThat(plan.copied()).containsExactly(app);
    }

    private static AclRule rule(String principal, String name, PatternType type, AclPermissionType permission) {
        return AclRule.of(new AclBinding(
                new ResourcePattern(ResourceType.TOPIC, name, type),
                new AccessControlEntry(principal, "*", AclOperation.WRITE, permission)));
    }
}
