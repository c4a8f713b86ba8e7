package io.breakwater.replicator.kafka.groups;

import java.time.Instant;
import java.util.Optional;

/**
 * A position that a group has on a partition of the source.
 *
 * @param offset of the next record that the group would read
 * @param at when it was committed, by the source's clock; of a transactional commit, when it was sent. Empty if that is
 *     not known, as for what was there before this process began to look
 */
public record Commit(long offset, Optional<Instant> at) {

    /** The same, no longer new. */
    Commit seen() {
        return new Commit(offset, Optional.empty());
    }
}
