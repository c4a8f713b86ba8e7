package io.breakwater.replicator.copy.cli;

import io.breakwater.platform.Region.ObjectStoreSite;
import io.breakwater.platform.S3Dialect;
import io.breakwater.platform.S3Dialect.Addressing;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How two stores are reached, as the command line says it. */
final class StoreOptions {

    private static final String KEYS =
            "A reference as in the platform file, to a variable or a file; else as the AWS SDK finds keys.";

    @Option(names = "--source-endpoint", paramLabel = "URL", description = "Of a source that is not AWS's.")
    private @Nullable URI sourceEndpoint;

    @Option(names = "--source-region", defaultValue = "us-east-1", description = "${DEFAULT-VALUE} without it.")
    private String sourceRegion = "us-east-1";

    @Option(names = "--source-access-key", paramLabel = "SECRET", description = KEYS)
    private @Nullable String sourceAccessKey;

    @Option(names = "--source-secret-key", paramLabel = "SECRET", description = KEYS)
    private @Nullable String sourceSecretKey;

    @Option(names = "--endpoint", paramLabel = "URL", description = "Of a target that is not AWS's.")
    private @Nullable URI endpoint;

    @Option(names = "--region", defaultValue = "us-east-1", description = "${DEFAULT-VALUE} without it.")
    private String region = "us-east-1";

    @Option(names = "--access-key", paramLabel = "SECRET", description = KEYS)
    private @Nullable String accessKey;

    @Option(names = "--secret-key", paramLabel = "SECRET", description = KEYS)
    private @Nullable String secretKey;

    @Option(names = "--addressing", description = "Of the target's buckets: ${COMPLETION-CANDIDATES}.")
    private @Nullable Addressing addressing;

    @Option(
            names = "--no-conditional-put",
            description = "The target ignores If-None-Match, as the probe says: it is asked before each put.")
    private boolean noConditionalPut;

    ObjectStoreSite source() {
        return new ObjectStoreSite(
                sourceRegion,
                Optional.ofNullable(sourceEndpoint),
                Optional.ofNullable(sourceAccessKey),
                Optional.ofNullable(sourceSecretKey),
                Map.of());
    }

    ObjectStoreSite target() {
        S3Dialect dialect =
                S3Dialect.of(Optional.ofNullable(addressing), Optional.empty(), Optional.of(!noConditionalPut));
        return new ObjectStoreSite(
                region,
                Optional.ofNullable(endpoint),
                Optional.ofNullable(accessKey),
                Optional.ofNullable(secretKey),
                Map.of(),
                Optional.of(dialect));
    }
}
