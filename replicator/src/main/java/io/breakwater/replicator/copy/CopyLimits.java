package io.breakwater.replicator.copy;

import java.nio.file.Path;
import java.time.Duration;

/**
 * What a copier may use.
 *
 * @param threads how many objects at a time
 * @param bufferBytes larger objects pass through a temporary file; memory is at most about twice this, a thread
 * @param attempts of one object, at least 1
 * @param backoff before the second attempt; doubled before each further one, halved at random
 * @param folder for temporary files
 */
public record CopyLimits(int threads, int bufferBytes, int attempts, Duration backoff, Path folder) {

    public CopyLimits {
        if (threads < 1 || bufferBytes < 1 || attempts < 1 || backoff.isNegative()) {
            throw new IllegalArgumentException("copy limits: " + threads + " threads, " + bufferBytes + " bytes, "
                    + attempts + " attempts, " + backoff + ": each must be positive");
        }
    }

    /** 8 objects at a time, up to 8 MiB each in memory; 4 attempts within about a second. */
    public static CopyLimits standard() {
        return new CopyLimits(8, 8 << 20, 4, Duration.ofMillis(150), Path.of(System.getProperty("java.io.tmpdir")));
    }
}
