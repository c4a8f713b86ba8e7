package io.breakwater.fence;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A controller's answer to a lease pull. A field that is missing makes the whole answer invalid, because a guess could
 * open a region; a field that this release does not know is ignored, so that controllers can be upgraded first.
 */
record LeaseAnswer(String region, List<Group> groups) {

    private static final long MAX_LEASE_MILLIS = 3_600_000;

    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(
                    DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES,
                    DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES,
                    DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES,
                    DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /**
     * One protection group as this region may serve it.
     *
     * @param active whether this region is the group's active one
     * @param ingress whether ordinary principals may write
     * @param pipeline whether the group's own pipeline principals may write
     * @param leaseMillis how long that holds, counted from before the pull was sent
     * @param topics regular expressions over the whole name
     * @param consumerGroups regular expressions over the whole name
     * @param pipelinePrincipals as {@code User:name}
     */
    record Group(
            String group,
            boolean active,
            long epoch,
            boolean ingress,
            boolean pipeline,
            long leaseMillis,
            List<String> topics,
            List<String> consumerGroups,
            List<String> pipelinePrincipals) {

        Group {
            topics = List.copyOf(topics);
            consumerGroups = List.copyOf(consumerGroups);
            pipelinePrincipals = List.copyOf(pipelinePrincipals);
            checkPatterns(group, topics);
            checkPatterns(group, consumerGroups);
            if (epoch < 1 || leaseMillis < 0 || leaseMillis > MAX_LEASE_MILLIS) {
                throw new IllegalArgumentException(
                        "group " + group + ": epoch " + epoch + ", lease of " + leaseMillis + " ms is out of range");
            }
            if (!active && (ingress || pipeline)) {
                throw new IllegalArgumentException("group " + group + ": open in a region that is not active");
            }
        }
    }

    LeaseAnswer {
        groups = List.copyOf(groups);
    }

    /** @throws IllegalArgumentException if the bytes are not an answer for that region */
    static LeaseAnswer parse(String region, byte[] json) {
        LeaseAnswer answer;
        try {
            answer = MAPPER.readValue(json, LeaseAnswer.class);
        } catch (IOException e) {
            throw new IllegalArgumentException("not a lease answer: " + e.getMessage(), e);
        }
        if (!answer.region.equals(region)) {
            throw new IllegalArgumentException("a lease answer for region " + answer.region + ", not " + region);
        }
        return answer;
    }

    private static void checkPatterns(String group, List<String> patterns) {
        try {
            patterns.forEach(Pattern::compile);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException("group " + group + ": no regular expression: " + e.getPattern(), e);
        }
    }
}
