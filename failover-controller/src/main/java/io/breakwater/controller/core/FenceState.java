package io.breakwater.controller.core;

import java.util.Collection;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What is known of the fence of a region that ACLs close.
 *
 * @param confirmed whether every live broker was seen to refuse an ordinary principal
 * @param brokers those that did
 * @param trouble why it is not confirmed
 */
public record FenceState(boolean confirmed, SortedSet<Integer> brokers, Optional<String> trouble) {

    private static final int TROUBLE_CHARS = 1_000;

    public FenceState {
        brokers = Collections.unmodifiableSortedSet(new TreeSet<>(brokers));
        trouble = trouble.map(why -> why.length() > TROUBLE_CHARS ? why.substring(0, TROUBLE_CHARS) : why);
    }

    /** @throws IllegalArgumentException without a broker: a cluster of which none was asked is not closed */
    public static FenceState confirmed(Collection<Integer> brokers) {
        if (brokers.isEmpty()) {
            throw new IllegalArgumentException("no broker was seen to refuse");
        }
        return new FenceState(true, new TreeSet<>(brokers), Optional.empty());
    }

    public static FenceState notConfirmed(String why) {
        return new FenceState(false, new TreeSet<>(), Optional.of(why));
    }
}
