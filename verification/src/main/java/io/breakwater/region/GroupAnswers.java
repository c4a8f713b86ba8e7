package io.breakwater.region;

import io.breakwater.platform.PartitionKey;
import io.breakwater.region.StandbyPositions.Active;
import io.breakwater.region.StandbyPositions.Done;
import io.breakwater.region.StandbyPositions.Outcome;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.FencedMemberEpochException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import org.apache.kafka.common.errors.GroupSubscribedToTopicException;
import org.apache.kafka.common.errors.IllegalGenerationException;
import org.apache.kafka.common.errors.OffsetMetadataTooLarge;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.StaleMemberEpochException;
import org.apache.kafka.common.errors.UnknownMemberIdException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.errors.UnsupportedVersionException;

/** What a cluster's answers about positions mean for a group. */
final class GroupAnswers {

    private GroupAnswers() {}

    /**
     * Waits for all answers. A position whose text is too long was not set; it is named as one without a text.
     *
     * @param what was asked, for messages
     * @throws org.apache.kafka.common.KafkaException if an answer says nothing about the group, as a time-out
     */
    static Map<String, Outcome> outcomes(String what, Map<String, Map<PartitionKey, KafkaFuture<Void>>> answers)
            throws InterruptedException {
        Map<String, Outcome> outcomes = new TreeMap<>();
        for (Map.Entry<String, Map<PartitionKey, KafkaFuture<Void>>> group : answers.entrySet()) {
            outcomes.put(group.getKey(), outcome(what + " of group " + group.getKey(), group.getValue()));
        }
        return outcomes;
    }

    private static Outcome outcome(String what, Map<PartitionKey, KafkaFuture<Void>> answers)
            throws InterruptedException {
        SortedMap<PartitionKey, String> refused = new TreeMap<>();
        SortedSet<PartitionKey> textless = new TreeSet<>();
        for (Map.Entry<PartitionKey, KafkaFuture<Void>> answer : answers.entrySet()) {
            try {
                KafkaAnswer.await(answer.getValue(), what + " on " + answer.getKey());
            } catch (OffsetMetadataTooLarge e) {
                textless.add(answer.getKey());
            } catch (ApiException e) {
                if (saysMembers(e)) {
                    return new Active();
                }
                Optional<String> remedy = remedy(e);
                if (remedy.isPresent()) {
                    refused.put(
                            answer.getKey(),
                            what + " on " + answer.getKey() + ": " + e.getMessage() + " " + remedy.get());
                } else if (!(e instanceof GroupIdNotFoundException)) {
                    throw e;
                }
            }
        }
        return new Done(refused, textless);
    }

    private static boolean saysMembers(ApiException e) {
        return e instanceof UnknownMemberIdException
                || e instanceof StaleMemberEpochException
                || e instanceof FencedMemberEpochException
                || e instanceof IllegalGenerationException
                || e instanceof RebalanceInProgressException
                || e instanceof FencedInstanceIdException
                || e instanceof GroupSubscribedToTopicException
                || e instanceof GroupNotEmptyException;
    }

    /** Of a refusal that asking again does not change. */
    private static Optional<String> remedy(ApiException e) {
        if (e instanceof AuthorizationException) {
            return Optional.of("Allow the mirror's principal READ on the group and on its topics.");
        }
        if (e instanceof UnknownTopicOrPartitionException) {
            return Optional.of("The topic is missing, or has fewer partitions than on the source.");
        }
        if (e instanceof UnsupportedVersionException) {
            return Optional.of("Groups of this type need a newer cluster, or the feature switched on with"
                    + " kafka-features.sh; or narrow the pattern of the consumer-group asset.");
        }
        return Optional.empty();
    }
}
