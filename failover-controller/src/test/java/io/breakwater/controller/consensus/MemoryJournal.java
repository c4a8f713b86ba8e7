package io.breakwater.controller.consensus;

import io.breakwater.controller.core.EvidenceTail;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Keeps what a node was told to append, and says so if an entry comes with a gap. */
final class MemoryJournal implements EvidenceJournal {

    private final List<String> entries = new ArrayList<>();

    @Override
    public synchronized void append(long index, List<String> more) throws IOException {
        if (index > entries.size()) {
            throw new IOException("entry " + index + " after " + entries.size());
        }
        entries.addAll(more.subList((int) Math.min(more.size(), entries.size() - index), more.size()));
    }

    @Override
    public synchronized void restore(EvidenceTail tail) throws IOException {
        append(tail.first(), tail.entries());
    }

    @Override
    public void makeDurable() {}

    synchronized List<String> entries() {
        return List.copyOf(entries);
    }
}
