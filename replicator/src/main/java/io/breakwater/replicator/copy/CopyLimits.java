package io.breakwater.replicator.copy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;

/**
 * What a copier may use. Its memory is at most {@code threads} times {@code bufferBytes}, or times 5 MiB if that is more.
 *
 * @param threads how many objects or parts at a time
 * @param bufferBytes larger objects go in parts of this size or S3's smallest, 5 MiB; between stores that have no parts,
 *     through a temporary file
 * @param attempts of one object, and inside each, of one part; at least 1
 * @param backoff before the second attempt; doubled before each further one, halved at random
 * @param folder for temporary files
 * @param bytesPerSecond at most; no limit if empty
 */
public record CopyLimits(
        int threads, int bufferBytes, int attempts, Duration backoff, Path folder, OptionalLong bytesPerSecond) {

    public CopyLimits {
        if (threads < 1 || bufferBytes < 1 || attempts < 1 || backoff.isNegative() || bytesPerSecond.orElse(1) < 1) {
            throw new IllegalArgumentException("copy limits: " + threads + " threads, " + bufferBytes + " bytes, "
                    + attempts + " attempts, " + backoff + ", " + bytesPerSecond
                    + " bytes a second: each must be positive");
        }
    }

    public CopyLimits(int threads, int bufferBytes, int attempts, Duration backoff, Path folder) {
        this(threads, bufferBytes, attempts, backoff, folder, OptionalLong.empty());
    }

    /** 8 objects at a time, up to 8 MiB each in memory; 4 attempts within about a second. */
    public static CopyLimits standard() {
        return new CopyLimits(8, 8 << 20, 4, Duration.ofMillis(150), Path.of(System.getProperty("java.io.tmpdir")));
    }
}
