package io.breakwater.replicator.copy.cli;

import io.breakwater.replicator.copy.CopyLimits;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a copier may use, as the command line says it. */
public final class CopierOptions {

    private static final Duration BACKOFF = Duration.ofMillis(200);
    private static final int ATTEMPTS = 5;
    private static final long MEGABYTE = 1_000_000;

    @Option(names = "--threads", defaultValue = "8", description = "Objects or parts at a time: ${DEFAULT-VALUE}.")
    private int threads;

    @Option(
            names = "--part-mib",
            defaultValue = "16",
            description =
                    "Objects above this size go in parts of it: ${DEFAULT-VALUE}. Memory is this times --threads.")
    private int partMib;

    @Option(names = "--bandwidth", paramLabel = "MB/S", description = "At most so many megabytes a second.")
    private @Nullable Long bandwidth;

    /**
     * @param folder for temporary files
     * @throws IllegalArgumentException if a limit is not positive
     */
    public CopyLimits limits(Path folder) {
        return new CopyLimits(
                threads,
                partMib << 20,
                ATTEMPTS,
                BACKOFF,
                folder,
                bandwidth == null ? OptionalLong.empty() : OptionalLong.of(bandwidth * MEGABYTE));
    }
}
