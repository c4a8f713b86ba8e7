package io.breakwater.controller.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * The newest entries of the evidence log, so that a snapshot of the state loses none.
 *
 * @param first the index in the log of the first entry here; all before it stand in both object stores
 * @param entries each entry's exact text; its UTF-8 bytes are what the log holds
 */
public record EvidenceTail(long first, List<String> entries) {

    /** So many are kept although they are published: a node that was away for long finds them in a snapshot. */
    static final int KEPT = 1024;

    /** Fewer are kept where they are long: entries about thousands of partitions are. */
    static final long KEPT_CHARS = 32L << 20;

    public static final EvidenceTail EMPTY = new EvidenceTail(0, List.of());

    public EvidenceTail {
        entries = List.copyOf(entries);
    }

    /** How many entries the log has. */
    public long size() {
        return first + entries.size();
    }

    EvidenceTail with(Collection<String> more) {
        List<String> next = new ArrayList<>(entries);
        next.addAll(more);
        return new EvidenceTail(first, next);
    }

    /** All entries below the size stand in both object stores: those that nobody is likely to miss may go. */
    EvidenceTail published(long size) {
        long cut = Math.min(Math.max(Math.min(size, size() - kept()) - first, 0), entries.size());
        return new EvidenceTail(first + cut, entries.subList((int) cut, entries.size()));
    }

    /** How many of the newest entries are kept in any case. */
    private int kept() {
        int count = 0;
        long chars = 0;
        for (int i = entries.size() - 1; i >= 0 && count < KEPT && chars <= KEPT_CHARS; i--) {
            chars += entries.get(i).length();
            count++;
        }
        return count;
    }
}
