package io.breakwater.replicator.copy.cli;

import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import software.amazon.awssdk.profiles.ProfileFile;
import software.amazon.awssdk.profiles.ProfileFileSystemSetting;

/**
 * Where AWS's own tools would look for a region and an endpoint: the environment, then the profile. Source:
 * <a href="https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html">AWS SDKs and Tools, settings
 * reference</a>.
 *
 * @param environment variables of the process
 * @param profile properties of the profile that counts
 */
record AwsSurroundings(Map<String, String> environment, Function<String, Optional<String>> profile) {

    static AwsSurroundings ofProcess() {
        String name = ProfileFileSystemSetting.AWS_PROFILE.getStringValueOrThrow();
        return new AwsSurroundings(
                System.getenv(),
                property -> ProfileFile.defaultProfileFile().profile(name).flatMap(found -> found.property(property)));
    }

    Optional<String> region() {
        return variable("AWS_REGION").or(() -> variable("AWS_DEFAULT_REGION")).or(() -> profile.apply("region"));
    }

    Optional<URI> endpoint() {
        return variable("AWS_ENDPOINT_URL_S3")
                .or(() -> variable("AWS_ENDPOINT_URL"))
                .or(() -> profile.apply("endpoint_url"))
                .map(URI::create);
    }

    private Optional<String> variable(String name) {
        return Optional.ofNullable(environment.get(name)).filter(value -> !value.isEmpty());
    }
}
