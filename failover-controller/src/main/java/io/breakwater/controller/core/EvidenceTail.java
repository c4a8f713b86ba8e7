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

    /** Without the entries below the given index. */
    EvidenceTail from(long index) {
        long cut = Math.min(Math.max(index - first, 0), entries.size());
        return new EvidenceTail(first + cut, entries.subList((int) cut, entries.size()));
    }
}
