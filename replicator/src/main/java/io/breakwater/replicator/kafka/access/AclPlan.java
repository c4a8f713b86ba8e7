package io.breakwater.replicator.kafka.access;

import io.breakwater.region.FenceLabel;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which ACLs are to be made and deleted on the standby. Pure.
 *
 * <p>Invariants: a rule of the fence is neither copied nor deleted; a rule that only the standby has is deleted only if
 * it was copied before.
 *
 * @param copied what is, or is to be, on the standby because of us: what the next plan must know
 */
record AclPlan(Set<AclRule> create, Set<AclRule> delete, Set<AclRule> copied) {

    private static final String EVERYBODY = "User:*";
    private static final String ALL_NAMES = "*";

    /** @param mirrorPrincipals of all regions: what denies them is a fence */
    static AclPlan of(Set<AclRule> source, Set<AclRule> target, Set<AclRule> copied, Set<String> mirrorPrincipals) {
        Set<AclRule> wanted = without(source, mirrorPrincipals);
        Set<AclRule> create = new LinkedHashSet<>(wanted);
        create.removeAll(target);
        Set<AclRule> delete = without(copied, mirrorPrincipals);
        delete.removeAll(wanted);
        delete.retainAll(target);
        Set<AclRule> next = new LinkedHashSet<>(copied);
        next.retainAll(wanted);
        next.addAll(create);
        return new AclPlan(create, delete, next);
    }

    /** Whether a cluster is fenced against the flow that writes into it: it was promoted, its rules are its own. */
    static boolean isRaised(Set<AclRule> target, String mirrorPrincipal) {
        return target.stream()
                .anyMatch(rule -> isFence(rule, Set.of(mirrorPrincipal))
                        && rule.principal().equals(mirrorPrincipal)
                        && rule.name().equals(ALL_NAMES));
    }

    private static Set<AclRule> without(Set<AclRule> rules, Set<String> mirrorPrincipals) {
        // Those of a cluster that ACLs close, which bear labels. On the standby they would close what is promoted.
        Set<AclRule> labelled = FenceLabel.labelled(
                        rules.stream().map(AclRule::binding).toList())
                .stream()
                .map(AclRule::of)
                .collect(Collectors.toSet());
        return rules.stream()
                .filter(rule -> !isFence(rule, mirrorPrincipals)
                        && !labelled.contains(rule)
                        && !FenceLabel.isLabel(rule.binding()))
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /** What denies a mirror, or everybody everything of a kind: no application has use for those. */
    static boolean isFence(AclRule rule, Set<String> mirrorPrincipals) {
        return rule.permission().equals("DENY")
                && (mirrorPrincipals.contains(rule.principal())
                        || (rule.principal().equals(EVERYBODY) && rule.name().equals(ALL_NAMES)));
    }
}
