package io.breakwater.controller.fence;

import io.breakwater.controller.core.Gate;
import java.time.Instant;
import java.util.List;
import java.util.SortedSet;

/**
 * The cluster of one region as ACLs close and open it for a group. Each method may be called again after it did all or
 * half of its work, also by another node, and throws {@link org.apache.kafka.common.KafkaException} if the cluster refuses
 * or does not answer. Used by one thread at a time.
 */
public interface AclCluster {

    String region();

    /** Whether all that closes it is there; says nothing of what brokers know. */
    boolean stands() throws InterruptedException;

    /** Whether anything of a fence is there. */
    boolean hasRemains() throws InterruptedException;

    /** Makes what is missing, and waits until every live broker refuses an ordinary principal. */
    Closing close(Instant deadline) throws InterruptedException;

    /**
     * Takes away what closes a class of writers, and waits until every live broker knows. Nothing happens if nothing is
     * there.
     *
     * @param gate {@code ingress} takes away all that is left
     * @return brokers that were not seen to know it by the deadline
     */
    SortedSet<Integer> open(Gate gate, Instant deadline) throws InterruptedException;

    /** How closing it ended. */
    sealed interface Closing {

        /**
         * @param brokers that were seen to refuse the probe
         * @param principals that are closed out
         * @param denials how many ACLs close it
         * @param notClosedOut who writes on although it is closed
         */
        record Closed(SortedSet<Integer> brokers, SortedSet<String> principals, int denials, List<String> notClosedOut)
                implements Closing {}

        /** @param reason what is so, and what to do */
        record NotClosed(String reason) implements Closing {}
    }
}
