package io.breakwater.controller.consensus;

import io.breakwater.controller.core.EvidenceTail;
import java.io.IOException;
import java.util.List;

/**
 * This node's copy of the evidence log. The Raft log is replayed after a restart, so that entries come again: each
 * comes with its index, and what stands already is left alone.
 */
public interface EvidenceJournal {

    /**
     * Need not be durable before {@link #makeDurable}: until then the Raft log holds the entries.
     *
     * @param index of the first of the entries in the log
     */
    void append(long index, List<String> entries) throws IOException;

    /** A snapshot took the place of the state: the journal must reach at least to the snapshot's newest entry. */
    void restore(EvidenceTail tail) throws IOException;

    /** Called before a snapshot takes the place of the Raft log's entries. */
    void makeDurable() throws IOException;
}
