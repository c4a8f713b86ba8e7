package io.breakwater.region;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.http.SdkHttpFullRequest;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.HttpSigner;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.utils.http.SdkHttpUtils;

/**
 * AWS Signature Version 4 in the headers of an S3 request, by the SDK's signer. Of a request over plain HTTP that signer
 * hashes the payload whatever it is told, which costs more than all the rest of a request; so it is shown each request
 * as one over HTTPS. The scheme is no part of a signature; host and port are, and are the request's own. Thread-safe.
 */
final class RequestSignature {

    private static final String HTTPS = "https";

    private final AwsV4HttpSigner signer = AwsV4HttpSigner.create();
    private final String region;

    RequestSignature(String region) {
        this.region = region;
    }

    /**
     * @param root the address of the bucket, without a slash at its end
     * @param key of the object; not encoded
     * @param query parameters by name; not encoded
     * @param headers names in lower case; all of them are signed
     */
    record Request(
            String method, URI root, String key, SortedMap<String, String> query, SortedMap<String, String> headers) {}

    /**
     * @param uri what to ask
     * @param headers to be sent, but {@code host}, which follows from the address
     */
    record Signed(URI uri, Map<String, String> headers) {}

    /** A request whose payload is no part of the signature. */
    Signed sign(Request request, AwsCredentialsIdentity as, Clock clock) {
        return sign(request, false, null, as, clock);
    }

    /** @param payload goes back to its begin at a reset, as a stream in memory does; null if there is none */
    Signed signWithPayload(Request request, @Nullable InputStream payload, AwsCredentialsIdentity as, Clock clock) {
        Signed signed = sign(request, true, payload, as, clock);
        if (payload != null) {
            try {
                payload.reset();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return signed;
    }

    private Signed sign(
            Request request,
            boolean withPayload,
            @Nullable InputStream payload,
            AwsCredentialsIdentity as,
            Clock clock) {
        SdkHttpRequest meant = meant(request);
        SdkHttpRequest signed = signer.sign(r -> {
                    r.identity(as)
                            .request(meant)
                            .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, "s3")
                            .putProperty(AwsV4HttpSigner.REGION_NAME, region)
                            .putProperty(AwsV4HttpSigner.DOUBLE_URL_ENCODE, false)
                            .putProperty(AwsV4HttpSigner.NORMALIZE_PATH, false)
                            .putProperty(AwsV4HttpSigner.PAYLOAD_SIGNING_ENABLED, withPayload)
                            .putProperty(HttpSigner.SIGNING_CLOCK, clock);
                    if (payload != null) {
                        r.payload(() -> payload);
                    }
                })
                .request();
        SortedMap<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        signed.forEachHeader((name, values) -> headers.put(name, values.get(0)));
        headers.remove("host");
        URI root = request.root();
        String query = meant.encodedQueryParameters()
                .map(parameters -> "?" + parameters)
                .orElse("");
        return new Signed(
                URI.create(root.getScheme() + "://" + root.getRawAuthority() + meant.encodedPath() + query), headers);
    }

    private static SdkHttpRequest meant(Request request) {
        URI root = request.root();
        SdkHttpFullRequest.Builder meant = SdkHttpFullRequest.builder()
                .method(SdkHttpMethod.fromValue(request.method()))
                .protocol(HTTPS)
                .host(root.getHost())
                .encodedPath(root.getRawPath() + "/" + SdkHttpUtils.urlEncodeIgnoreSlashes(request.key()));
        Optional.of(root.getPort()).filter(port -> port >= 0).ifPresent(meant::port);
        request.query().forEach(meant::putRawQueryParameter);
        request.headers().forEach(meant::putHeader);
        return meant.build();
    }
}
