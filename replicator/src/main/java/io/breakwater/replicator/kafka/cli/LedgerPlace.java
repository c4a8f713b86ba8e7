package io.breakwater.replicator.kafka.cli;

import io.breakwater.platform.Region.ObjectStoreSite;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.S3ObjectStore;
import io.breakwater.region.ledger.LedgerFolder;
import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a ledger lies, as the command line says it: a directory, or {@code s3://bucket/prefix}. */
final class LedgerPlace {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    @Option(
            names = "--s3-endpoint",
            paramLabel = "URL",
            description = "Of an object store that is not AWS's. Keys are taken as the AWS SDK finds them.")
    private @Nullable URI endpoint;

    @Option(
            names = "--s3-region",
            paramLabel = "NAME",
            defaultValue = "us-east-1",
            description = "Of an object store; ${DEFAULT-VALUE} without it.")
    private String region = "us-east-1";

    /** What is done in the folder. */
    @FunctionalInterface
    interface Work<T> {
        T in(LedgerFolder folder) throws Exception;
    }

    /** @throws NotDoneException if the place is neither a directory's name nor {@code s3://bucket/prefix} */
    <T> T in(String place, Work<T> work) throws Exception {
        if (!place.startsWith("s3://") && !place.startsWith("s3a://")) {
            return work.in(LedgerFolder.of(directory(place)));
        }
        ObjectUri folder;
        try {
            folder = ObjectUri.parse(place);
        } catch (IllegalArgumentException e) {
            throw new NotDoneException(String.valueOf(e.getMessage()));
        }
        ObjectStoreSite site = new ObjectStoreSite(
                region, Optional.ofNullable(endpoint), Optional.empty(), Optional.empty(), Map.of());
        try (ObjectStore store = S3ObjectStore.connect(site, TIMEOUT)) {
            return work.in(LedgerFolder.of(store, folder));
        }
    }

    private static Path directory(String place) {
        try {
            return Path.of(place);
        } catch (InvalidPathException e) {
            throw new NotDoneException("'" + place + "': expected a directory, or s3://bucket/prefix");
        }
    }
}
