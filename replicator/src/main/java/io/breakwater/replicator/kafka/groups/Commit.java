package io.breakwater.replicator.kafka.groups;

import java.time.Instant;
import java.util.Optional;

/**
 * A position that a group has on a partition of the source.
 *
 * @param offset of the next record that the group would read
 * @param metadata the text that the application committed with it; mostly empty
 * @param at when it was committed, by the source's clock; of a transactional commit, when it was sent. Empty if that is
 *     not known, as for what was there before this process began to look
 */
public record Commit(long offset, String metadata, Optional<Instant> at) {

    /** Without a text. */
    Commit(long offset, Optional<Instant> at) {
        this(offset, "", at);
    }

    /** Whether another one is to be written: whatever its time. */
    boolean isSame(Commit other) {
        return offset == other.offset() && metadata.equals(other.metadata());
    }

    /** The same, no longer new. */
    Commit seen() {
        return new Commit(offset, metadata, Optional.empty());
    }
}
