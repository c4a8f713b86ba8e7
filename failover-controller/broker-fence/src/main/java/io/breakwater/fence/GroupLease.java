package io.breakwater.fence;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What this broker last heard about one protection group.
 *
 * @param expiresAt on {@link System#nanoTime()}'s scale; only differences mean anything
 */
record GroupLease(
        String group,
        long epoch,
        boolean ingress,
        boolean pipeline,
        long expiresAt,
        List<Pattern> topics,
        List<Pattern> consumerGroups,
        Set<String> pipelinePrincipals) {

    private static final long NANOS_PER_MILLI = 1_000_000;

    /** Who is let in together. */
    enum AccessClass {
        INGRESS,
        PIPELINE
    }

    static GroupLease of(LeaseAnswer.Group answer, long sentAt) {
        return new GroupLease(
                answer.group(),
                answer.epoch(),
                answer.ingress(),
                answer.pipeline(),
                sentAt + answer.leaseMillis() * NANOS_PER_MILLI,
                compiled(answer.topics()),
                compiled(answer.consumerGroups()),
                Set.copyOf(answer.pipelinePrincipals()));
    }

    private static List<Pattern> compiled(List<String> patterns) {
        return patterns.stream().map(Pattern::compile).toList();
    }

    AccessClass classOf(String principal) {
        return pipelinePrincipals.contains(principal) ? AccessClass.PIPELINE : AccessClass.INGRESS;
    }

    boolean isOpen(AccessClass accessClass, long now) {
        boolean granted = accessClass == AccessClass.PIPELINE ? pipeline : ingress;
        return granted && now - expiresAt < 0;
    }

    /** Why the class is closed, for a person. */
    String whyClosed(AccessClass accessClass, long now) {
        boolean granted = accessClass == AccessClass.PIPELINE ? pipeline : ingress;
        return granted
                ? "the lease of group " + group + ", epoch " + epoch + ", expired "
                        + (now - expiresAt) / NANOS_PER_MILLI + " ms ago"
                : "group " + group + ", epoch " + epoch + ", is not open for "
                        + (accessClass == AccessClass.PIPELINE ? "its pipeline" : "ingress") + " in this region";
    }

    boolean ownsTopic(String name) {
        return topics.stream().anyMatch(pattern -> pattern.matcher(name).matches());
    }

    boolean ownsConsumerGroup(String name) {
        return consumerGroups.stream().anyMatch(pattern -> pattern.matcher(name).matches());
    }
}
