package io.breakwater.region;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.identity.spi.AwsSessionCredentialsIdentity;

class RequestSignatureTest {

    private static final AwsCredentialsIdentity EXAMPLE =
            AwsCredentialsIdentity.create("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
    private static final Clock TIME = Clock.fixed(Instant.parse("2013-05-24T00:00:00Z"), ZoneOffset.UTC);
    private static final URI HOST = URI.create("http://127.0.0.1:9000/bucket");

    private final RequestSignature signature = new RequestSignature("us-east-1");

    /** The first example of Amazon's page on signatures in the header. */
    @Test
    void signsAsAmazonsExample() {
        RequestSignature.Signed signed = signature.signWithPayload(
                new RequestSignature.Request(
                        "GET",
                        URI.create("https://examplebucket.s3.amazonaws.com"),
                        "test.txt",
                        new TreeMap<>(),
                        new TreeMap<>(Map.of("range", "bytes=0-9"))),
                null,
                EXAMPLE,
                TIME);

        assertThat(signed.uri()).hasToString("https://examplebucket.s3.amazonaws.com/test.txt");
        assertThat(signed.headers())
                .containsEntry("x-amz-date", "20130524T000000Z")
                .containsEntry(
                        "authorization",
                        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
                                + " SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
                                + " Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
    }

    @Test
    void overPlainHttpThePayloadIsNotReadUnlessItBelongsToTheSignature() throws IOException {
        ByteArrayInputStream payload = new ByteArrayInputStream("content".getBytes(StandardCharsets.UTF_8));
        RequestSignature.Request put = new RequestSignature.Request("PUT", HOST, "k", new TreeMap<>(), new TreeMap<>());

        assertThat(signature.sign(put, EXAMPLE, TIME).headers())
                .containsEntry("x-amz-content-sha256", "UNSIGNED-PAYLOAD")
                .doesNotContainKey("host");
        assertThat(signature.signWithPayload(put, payload, EXAMPLE, TIME).headers())
                .containsEntry(
                        "x-amz-content-sha256", "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73");
        assertThat(payload.readAllBytes()).as("it can be sent").hasSize(7);
    }

    @Test
    void aSessionsTokenIsSentAndSigned() {
        RequestSignature.Signed signed = signature.sign(
                new RequestSignature.Request("GET", HOST, "k", new TreeMap<>(), new TreeMap<>()),
                AwsSessionCredentialsIdentity.create("key", "secret", "token"),
                TIME);

        assertThat(signed.headers()).containsEntry("x-amz-security-token", "token");
        assertThat(signed.headers().get("authorization")).contains("x-amz-date;x-amz-security-token");
    }

    @Test
    void theAddressHasWhatIsNotUnreservedEncoded() {
        RequestSignature.Signed signed = signature.sign(
                new RequestSignature.Request(
                        "PUT",
                        HOST,
                        "a b//c=ü+~*.txt",
                        new TreeMap<>(Map.of("partNumber", "1", "uploadId", "x/y+z=")),
                        new TreeMap<>()),
                EXAMPLE,
                TIME);

        assertThat(signed.uri())
                .hasToString("http://127.0.0.1:9000/bucket/a%20b//c%3D%C3%BC%2B~%2A.txt"
                        + "?partNumber=1&uploadId=x%2Fy%2Bz%3D");
    }
}
