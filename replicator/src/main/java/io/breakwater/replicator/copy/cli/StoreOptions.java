package io.breakwater.replicator.copy.cli;

import io.breakwater.platform.Region.ObjectStoreSite;
import io.breakwater.platform.S3Dialect;
import io.breakwater.platform.S3Dialect.Addressing;
import io.breakwater.platform.S3Dialect.Checksums;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How two stores are reached, as the command line says it, else as the environment and the profile of AWS's tools say. */
public final class StoreOptions {

    private static final String KEYS =
            "A reference as in the platform file, to a variable or a file; else as the AWS SDK finds keys.";

    private static final String REGION = "Else AWS_REGION, the region of the profile, or us-east-1.";
    private static final String CHECKSUMS = "When checksums are sent and asked for: ${COMPLETION-CANDIDATES}.";

    @Option(
            names = "--source-endpoint",
            paramLabel = "URL",
            description =
                    "Of a source that is not AWS's; else AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL or that of the profile.")
    private @Nullable URI sourceEndpoint;

    @Option(names = "--source-region", description = REGION)
    private @Nullable String sourceRegion;

    @Option(names = "--source-access-key", paramLabel = "SECRET", description = KEYS)
    private @Nullable String sourceAccessKey;

    @Option(names = "--source-secret-key", paramLabel = "SECRET", description = KEYS)
    private @Nullable String sourceSecretKey;

    @Option(names = "--source-addressing", description = "Of the source's buckets: ${COMPLETION-CANDIDATES}.")
    private @Nullable Addressing sourceAddressing;

    @Option(names = "--source-checksums", description = CHECKSUMS)
    private @Nullable Checksums sourceChecksums;

    @Option(
            names = "--endpoint",
            paramLabel = "URL",
            description = "Of a target that is not AWS's; else as for the source.")
    private @Nullable URI endpoint;

    @Option(names = "--region", description = REGION)
    private @Nullable String region;

    @Option(names = "--access-key", paramLabel = "SECRET", description = KEYS)
    private @Nullable String accessKey;

    @Option(names = "--secret-key", paramLabel = "SECRET", description = KEYS)
    private @Nullable String secretKey;

    @Option(names = "--addressing", description = "Of the target's buckets: ${COMPLETION-CANDIDATES}.")
    private @Nullable Addressing addressing;

    @Option(names = "--checksums", description = CHECKSUMS)
    private @Nullable Checksums checksums;

    @Option(
            names = "--no-conditional-put",
            description = "The target ignores If-None-Match, as the probe says: it is asked before each put.")
    private boolean noConditionalPut;

    public ObjectStoreSite source() {
        return site(
                sourceRegion,
                sourceEndpoint,
                sourceAccessKey,
                sourceSecretKey,
                S3Dialect.of(
                        Optional.ofNullable(sourceAddressing), Optional.ofNullable(sourceChecksums), Optional.empty()));
    }

    public ObjectStoreSite target() {
        return site(
                region,
                endpoint,
                accessKey,
                secretKey,
                S3Dialect.of(
                        Optional.ofNullable(addressing),
                        Optional.ofNullable(checksums),
                        Optional.of(!noConditionalPut)));
    }

    private static ObjectStoreSite site(
            @Nullable String region,
            @Nullable URI endpoint,
            @Nullable String accessKey,
            @Nullable String secretKey,
            S3Dialect dialect) {
        AwsSurroundings aws = AwsSurroundings.ofProcess();
        return new ObjectStoreSite(
                Optional.ofNullable(region).or(aws::region).orElse("us-east-1"),
                Optional.ofNullable(endpoint).or(aws::endpoint),
                Optional.ofNullable(accessKey),
                Optional.ofNullable(secretKey),
                Map.of(),
                Optional.of(dialect));
    }
}
