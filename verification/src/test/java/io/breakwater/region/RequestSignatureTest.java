package io.breakwater.region;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.identity.spi.AwsSessionCredentialsIdentity;

class RequestSignatureTest {

    private static final AwsCredentialsIdentity EXAMPLE =
            AwsCredentialsIdentity.create("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
    private static final Instant TIME = Instant.parse("2013-05-24T00:00:00Z");

    private final RequestSignature signature = new RequestSignature("us-east-1");

    /** The first example of Amazon's page on signatures in the header. */
    @Test
    void signsAsAmazonsExample() {
        Map<String, String> headers = signature.sign(
                new RequestSignature.Request(
                        "GET",
                        "examplebucket.s3.amazonaws.com",
                        "/test.txt",
                        "",
                        new TreeMap<>(Map.of("range", "bytes=0-9")),
                        RequestSignature.sha256(new byte[0])),
                EXAMPLE,
                TIME);

        assertThat(headers)
                .containsEntry("x-amz-date", "20130524T000000Z")
                .containsEntry(
                        "authorization",
                        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
                                + " SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
                                + " Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
    }

    @Test
    void aSessionsTokenIsSentAndSigned() {
        Map<String, String> headers = signature.sign(
                new RequestSignature.Request("GET", "host", "/b/k", "", new TreeMap<>(), RequestSignature.UNSIGNED),
                AwsSessionCredentialsIdentity.create("key", "secret", "token"),
                TIME);

        assertThat(headers).containsEntry("x-amz-security-token", "token");
        assertThat(headers.get("authorization")).contains("x-amz-date;x-amz-security-token");
    }

    @Test
    void encodesWhatIsNotUnreserved() {
        assertThat(RequestSignature.encode("a b/c=ü+~.txt", true)).isEqualTo("a%20b/c%3D%C3%BC%2B~.txt");
        assertThat(RequestSignature.encode("a/b", false)).isEqualTo("a%2Fb");
    }
}
