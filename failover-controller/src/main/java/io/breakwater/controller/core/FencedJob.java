package io.breakwater.controller.core;

import java.time.Instant;
import java.util.Optional;

/**
 * A job that was ended because it ran in a region that was left.
 *
 * @param snapshot its last completed checkpoint, or what it was restored from if it had completed none since; empty if
 *     it had neither
 * @param kept whether that was still in the region's object store after the job's end
 */
public record FencedJob(String job, String jobId, Instant endedAt, Optional<String> snapshot, Kept kept) {

    /** Lower case as in the evidence log. */
    public enum Kept {
        kept,
        gone,
        unknown
    }
}
