package io.breakwater.controller.app;

import io.breakwater.controller.consensus.EvidenceJournal;
import io.breakwater.controller.core.EvidenceTail;
import io.breakwater.evidence.EvidenceException;
import io.breakwater.evidence.EvidenceLog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** This node's copy of the evidence log, fed from the Raft log. */
final class EvidenceFiles implements EvidenceJournal {

    private final EvidenceLog log;

    EvidenceFiles(EvidenceLog log) {
        this.log = log;
    }

    @Override
    public void append(long index, List<String> entries) throws IOException {
        try {
            long next = index;
            for (String entry : entries) {
                log.ensure(next, entry.getBytes(StandardCharsets.UTF_8));
                next++;
            }
        } catch (EvidenceException e) {
            throw new IOException("evidence log: " + e.getMessage(), e);
        }
    }

    @Override
    public void restore(EvidenceTail tail) throws IOException {
        append(tail.first(), tail.entries());
    }

    @Override
    public void makeDurable() {
        log.checkpoint();
    }
}
