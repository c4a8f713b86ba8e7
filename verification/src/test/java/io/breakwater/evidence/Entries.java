package io.breakwater.evidence;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Entries as the tests write them: each says its own index. */
final class Entries {

    private Entries() {}

    static byte[] entry(long index) {
        return ("{\"seq\":" + index + ",\"kind\":\"step\"}").getBytes(StandardCharsets.UTF_8);
    }

    static void fill(EvidenceLog log, long toSize) {
        for (long index = log.size(); index < toSize; index++) {
            log.ensure(index, entry(index));
        }
    }

    /** A closed log of this size, with checkpoints at every {@code step} entries. */
    static void make(Path directory, EvidenceKey key, long size, long step) {
        try (EvidenceLog log = EvidenceLog.open(directory, key)) {
            for (long at = Math.min(step, size); log.size() < size; at = Math.min(at + step, size)) {
                fill(log, at);
                log.checkpoint();
            }
        }
    }
}
