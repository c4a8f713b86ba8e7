package io.breakwater.region;

import io.breakwater.platform.Region.ObjectStoreSite;
import io.breakwater.platform.Secret;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/** {@link ObjectStore} on the AWS SDK, for S3 and stores that speak its protocol. */
public final class S3ObjectStore implements ObjectStore {

    static final int CONNECTIONS = 64;

    private static final Set<Integer> PASSING = Set.of(408, 409, 429);
    private static final int SERVER_ERROR = 500;
    private static final int PRECONDITION_FAILED = 412;
    private static final int CONFLICT = 409;
    private static final int RANGE_NOT_SATISFIABLE = 416;
    private static final int CONDITIONAL_ATTEMPTS = 5;

    private final S3Client s3;
    private final S3Wire wire;
    private final S3Site site;
    private final S3LongCalls longCalls;

    private S3ObjectStore(S3Client s3, S3LongCalls longCalls, S3Wire wire, S3Site site) {
        this.s3 = s3;
        this.longCalls = longCalls;
        this.wire = wire;
        this.site = site;
    }

    /**
     * @param timeout of one attempt of one call; of bodies, see {@link BulkTransfer}, while nothing of them moves; a
     *     {@link ServerSideCopy} has a second more for each 4 MiB
     */
    public static S3ObjectStore connect(ObjectStoreSite at, Duration timeout) {
        S3Site site = S3Site.of(at);
        AwsCredentialsProvider credentials = credentials(at);
        S3Client s3 = client(at, site, credentials, timeout, timeout);
        S3LongCalls longCalls = new S3LongCalls(timeout, silence -> client(at, site, credentials, timeout, silence));
        S3Wire wire = new S3Wire(
                credentials, new RequestSignature(at.region()), bucketRoots(s3), site.signPayload(), timeout);
        return new S3ObjectStore(s3, longCalls, wire, site);
    }

    /** @param silence for how long nothing may come over a connection that is asked */
    private static S3Client client(
            ObjectStoreSite at, S3Site site, AwsCredentialsProvider credentials, Duration timeout, Duration silence) {
        boolean checksums = site.checksumsWhenSupported();
        S3ClientBuilder builder = S3Client.builder()
                .region(software.amazon.awssdk.regions.Region.of(at.region()))
                .credentialsProvider(credentials)
                .requestChecksumCalculation(
                        checksums
                                ? RequestChecksumCalculation.WHEN_SUPPORTED
                                : RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(
                        checksums
                                ? ResponseChecksumValidation.WHEN_SUPPORTED
                                : ResponseChecksumValidation.WHEN_REQUIRED)
                .httpClientBuilder(Apache5HttpClient.builder()
                        .maxConnections(CONNECTIONS)
                        .connectionTimeout(timeout)
                        .socketTimeout(silence))
                .forcePathStyle(site.byPath())
                .overrideConfiguration(o -> o.apiCallAttemptTimeout(timeout));
        at.endpoint().ifPresent(builder::endpointOverride);
        return builder.build();
    }

    /** The SDK knows the address of a bucket, but takes its time each time it is asked. */
    private static Function<String, URI> bucketRoots(S3Client s3) {
        Map<String, URI> known = new ConcurrentHashMap<>();
        return bucket -> known.computeIfAbsent(bucket, name -> {
            String url = s3.utilities().getUrl(r -> r.bucket(name).key("k")).toString();
            return URI.create(url.substring(0, url.length() - "/k".length()));
        });
    }

    S3Site site() {
        return site;
    }

    S3Client client() {
        return s3;
    }

    @Override
    public Optional<BucketPolicies> policies() {
        return site.dialect().fencePrincipals().map(principals -> new S3BucketPolicies(s3));
    }

    @Override
    public BulkTransfer bulk() {
        return new S3BulkTransfer(wire, s3, longCalls, site);
    }

    private static AwsCredentialsProvider credentials(ObjectStoreSite site) {
        if (site.accessKey().isPresent() && site.secretKey().isPresent()) {
            return StaticCredentialsProvider.create(AwsBasicCredentials.create(
                    Secret.resolve(site.accessKey().get()),
                    Secret.resolve(site.secretKey().get())));
        }
        return DefaultCredentialsProvider.builder().build();
    }

    @Override
    public Optional<ObjectInfo> head(ObjectUri uri) {
        return unlessAbsent("head", uri, () -> {
            HeadObjectResponse head = s3.headObject(r -> r.bucket(uri.bucket()).key(uri.key()));
            return new ObjectInfo(uri, head.contentLength(), unquoted(head.eTag()), head.lastModified());
        });
    }

    @Override
    public Optional<byte[]> get(ObjectUri uri) {
        return unlessAbsent(
                "get",
                uri,
                () -> s3.getObjectAsBytes(r -> r.bucket(uri.bucket()).key(uri.key()))
                        .asByteArray());
    }

    @Override
    public Optional<byte[]> get(ObjectUri uri, long offset, int length) {
        return unlessAbsent("get", uri, () -> ranged(uri, offset, length));
    }

    private byte[] ranged(ObjectUri uri, long offset, int length) {
        if (length == 0) {
            return new byte[0];
        }
        String range = "bytes=" + offset + "-" + (offset + length - 1);
        try {
            return s3.getObjectAsBytes(
                            r -> r.bucket(uri.bucket()).key(uri.key()).range(range))
                    .asByteArray();
        } catch (S3Exception e) {
            if (e.statusCode() == RANGE_NOT_SATISFIABLE) {
                return new byte[0];
            }
            throw e;
        }
    }

    @Override
    public Optional<ObjectStream> open(ObjectUri uri) {
        return unlessAbsent("get", uri, () -> {
            ResponseInputStream<GetObjectResponse> in =
                    s3.getObject(r -> r.bucket(uri.bucket()).key(uri.key()));
            GetObjectResponse got = in.response();
            return new ObjectStream(
                    new ObjectInfo(uri, got.contentLength(), unquoted(got.eTag()), got.lastModified()), in);
        });
    }

    @Override
    public String put(ObjectUri uri, byte[] bytes) {
        return put(uri, RequestBody.fromBytes(bytes));
    }

    @Override
    public String put(ObjectUri uri, Path file) {
        return put(uri, RequestBody.fromFile(file));
    }

    private String put(ObjectUri uri, RequestBody body) {
        return asking(
                "put",
                uri,
                () -> unquoted(s3.putObject(r -> r.bucket(uri.bucket()).key(uri.key()), body)
                        .eTag()));
    }

    @Override
    public PutOutcome putIfAbsent(ObjectUri uri, byte[] bytes) {
        return asking("put if absent", uri, () -> {
            for (int attempt = 1; ; attempt++) {
                try {
                    s3.putObject(
                            r -> r.bucket(uri.bucket()).key(uri.key()).ifNoneMatch("*"), RequestBody.fromBytes(bytes));
                    return PutOutcome.CREATED;
                } catch (S3Exception e) {
                    if (e.statusCode() == PRECONDITION_FAILED) {
                        return PutOutcome.EXISTS;
                    }
                    // 409 says that a concurrent upload is not decided yet: S3 asks to try again.
                    if (e.statusCode() != CONFLICT || attempt == CONDITIONAL_ATTEMPTS) {
                        throw e;
                    }
                }
            }
        });
    }

    @Override
    public void delete(ObjectUri uri) {
        asking("delete", uri, () -> s3.deleteObject(r -> r.bucket(uri.bucket()).key(uri.key())));
    }

    @Override
    public List<ObjectInfo> list(ObjectUri prefix, String startAfterKey) {
        return asking(
                "list",
                prefix,
                () -> s3
                        .listObjectsV2Paginator(r -> {
                            r.bucket(prefix.bucket()).prefix(prefix.key());
                            if (!startAfterKey.isEmpty()) {
                                r.startAfter(startAfterKey);
                            }
                        })
                        .contents()
                        .stream()
                        .map(object -> info(prefix.bucket(), object))
                        .toList());
    }

    @Override
    public ObjectPage page(ObjectUri prefix, String startAfterKey) {
        return asking("list", prefix, () -> {
            Optional<String> token = Optional.empty();
            while (true) {
                ListObjectsV2Response answer = s3.listObjectsV2(listing(prefix, startAfterKey, token));
                token = Optional.ofNullable(answer.nextContinuationToken());
                boolean more = Boolean.TRUE.equals(answer.isTruncated()) && token.isPresent();
                // S3 may cut an answer short, even before its first object, and says so.
                if (!answer.contents().isEmpty() || !more) {
                    List<ObjectInfo> objects = answer.contents().stream()
                            .map(object -> info(prefix.bucket(), object))
                            .toList();
                    return new ObjectPage(objects, !more);
                }
            }
        });
    }

    private static ListObjectsV2Request listing(ObjectUri prefix, String startAfterKey, Optional<String> token) {
        ListObjectsV2Request.Builder request = ListObjectsV2Request.builder()
                .bucket(prefix.bucket())
                .prefix(prefix.key())
                .maxKeys(MOST_IN_PAGE);
        token.ifPresentOrElse(request::continuationToken, () -> {
            if (!startAfterKey.isEmpty()) {
                request.startAfter(startAfterKey);
            }
        });
        return request.build();
    }

    @Override
    public List<String> folders(ObjectUri parent) {
        String prefix = parent.resolve("").key();
        return asking(
                "list folders of",
                parent,
                () -> s3
                        .listObjectsV2Paginator(
                                r -> r.bucket(parent.bucket()).prefix(prefix).delimiter("/"))
                        .commonPrefixes()
                        .stream()
                        .map(folder -> folder.prefix()
                                .substring(prefix.length(), folder.prefix().length() - 1))
                        .filter(name -> !name.isEmpty())
                        .toList());
    }

    private static ObjectInfo info(String bucket, S3Object object) {
        return new ObjectInfo(
                new ObjectUri(bucket, object.key()), object.size(), unquoted(object.eTag()), object.lastModified());
    }

    /** S3Proxy lists an object without a tag while it is being written. */
    private static String unquoted(@Nullable String etag) {
        return etag == null ? "" : etag.replace("\"", "");
    }

    private static <T> Optional<T> unlessAbsent(String operation, ObjectUri uri, Supplier<T> call) {
        return asking(operation, uri, () -> {
            try {
                return Optional.of(call.get());
            } catch (NoSuchKeyException e) {
                return Optional.empty();
            }
        });
    }

    static <T> T asking(String operation, ObjectUri uri, Supplier<T> call) {
        try {
            return call.get();
        } catch (SdkException e) {
            ObjectStoreException.Reason reason = e instanceof SdkClientException
                    ? ObjectStoreException.Reason.UNREACHABLE
                    : ObjectStoreException.Reason.REFUSED;
            throw new ObjectStoreException(reason, mayPass(e), operation + " " + uri + ": " + e.getMessage(), e);
        }
    }

    private static boolean mayPass(SdkException e) {
        return !(e instanceof S3Exception answer)
                || answer.statusCode() >= SERVER_ERROR
                || PASSING.contains(answer.statusCode());
    }

    @Override
    public void close() {
        wire.close();
        longCalls.close();
        s3.close();
    }
}
