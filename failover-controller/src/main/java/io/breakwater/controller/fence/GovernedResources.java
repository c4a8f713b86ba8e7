package io.breakwater.controller.fence;

import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.ProtectionGroup;
import java.util.List;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/**
 * The topics and consumer groups of a protection group, in the patterns that ACLs know. These have only names, prefixes
 * and {@code *}: of a regular expression the longest text that each match begins with is taken, so that what is closed is
 * never less than the group has, and may be more.
 */
record GovernedResources(List<ResourcePattern> topics, List<ResourcePattern> consumerGroups) {

    private static final String ANY = "*";
    /** What makes the character in front of it optional. */
    private static final String OPTIONAL = "*?{";

    private static final String SPECIAL = "[](){}.*+?^$|";

    GovernedResources {
        topics = List.copyOf(topics);
        consumerGroups = List.copyOf(consumerGroups);
    }

    static GovernedResources of(ProtectionGroup group) {
        return new GovernedResources(
                covering(ResourceType.TOPIC, group.patterns(AssetSpec.KAFKA_TOPIC)),
                covering(ResourceType.GROUP, group.patterns(AssetSpec.CONSUMER_GROUP)));
    }

    private static List<ResourcePattern> covering(ResourceType type, List<String> regexes) {
        return regexes.stream().map(regex -> covering(type, regex)).distinct().toList();
    }

    static ResourcePattern covering(ResourceType type, String regex) {
        StringBuilder prefix = new StringBuilder();
        int at = 0;
        while (at < regex.length()) {
            boolean escaped = regex.charAt(at) == '\\' && at + 1 < regex.length();
            char next = regex.charAt(escaped ? at + 1 : at);
            if (escaped ? Character.isLetterOrDigit(next) : SPECIAL.indexOf(next) >= 0 || next == '\\') {
                break;
            }
            prefix.append(next);
            at += escaped ? 2 : 1;
        }
        if (at < regex.length() && OPTIONAL.indexOf(regex.charAt(at)) >= 0 && !prefix.isEmpty()) {
            prefix.setLength(prefix.length() - 1);
        }
        if (prefix.isEmpty() || regex.indexOf('|') >= 0) {
            return new ResourcePattern(type, ANY, PatternType.LITERAL);
        }
        return new ResourcePattern(
                type, prefix.toString(), at == regex.length() ? PatternType.LITERAL : PatternType.PREFIXED);
    }

    /** Whether an ACL on one of them can concern a resource of the other. */
    static boolean overlap(ResourcePattern one, ResourcePattern other) {
        if (one.resourceType() != other.resourceType()) {
            return false;
        }
        if (isAny(one) || isAny(other)) {
            return true;
        }
        boolean onePrefix = one.patternType() == PatternType.PREFIXED;
        boolean otherPrefix = other.patternType() == PatternType.PREFIXED;
        return (onePrefix && other.name().startsWith(one.name()))
                || (otherPrefix && one.name().startsWith(other.name()))
                || one.name().equals(other.name());
    }

    private static boolean isAny(ResourcePattern pattern) {
        return pattern.name().equals(ANY) && pattern.patternType() == PatternType.LITERAL;
    }
}
