package io.breakwater.region;

import io.breakwater.region.ObjectStore.ObjectInfo;
import io.breakwater.region.S3Wire.Answer;
import io.breakwater.region.S3Wire.Body;
import io.breakwater.region.S3Wire.Call;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.NoSuchUploadException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** {@link PartUploads} of one S3 store: parts go by {@link S3Wire}, the rest by the SDK. */
final class S3PartUploads implements PartUploads {

    /** User metadata: the tag of the source. */
    private static final String SOURCE = "breakwater-source";

    /** Stores put large objects together while the caller waits; socket timeouts do not apply, S3 sends blanks. */
    private static final Duration COMPLETION_LIMIT = Duration.ofMinutes(10);

    private static final int NOT_FOUND = 404;
    private static final int PRECONDITION_FAILED = 412;

    private final S3Wire wire;
    private final S3Client s3;
    private final S3Site site;

    S3PartUploads(S3Wire wire, S3Client s3, S3Site site) {
        this.wire = wire;
        this.s3 = s3;
        this.site = site;
    }

    static Map<String, String> madeFrom(ObjectInfo source) {
        return Map.of(SOURCE, source.etag());
    }

    @Override
    public Upload begin(ObjectUri uri, ObjectInfo source) {
        String id = S3ObjectStore.asking(
                "begin an upload of",
                uri,
                () -> s3.createMultipartUpload(
                                r -> r.bucket(uri.bucket()).key(uri.key()).metadata(madeFrom(source)))
                        .uploadId());
        return new Upload(uri, id, Instant.now(Clock.systemUTC()));
    }

    @Override
    public String put(Upload upload, int number, InputStream bytes, long length, Optional<String> md5) {
        TreeMap<String, String> query =
                new TreeMap<>(Map.of("partNumber", Integer.toString(number), "uploadId", upload.id()));
        TreeMap<String, String> headers = new TreeMap<>();
        md5.ifPresent(digest -> headers.put("content-md5", S3Wire.base64(digest)));
        Call call = new Call("PUT", upload.uri(), query, headers, new Body(bytes, length));
        try (Answer answer = wire.send(call)) {
            if (!answer.ok()) {
                throw answer.refused();
            }
            return answer.header("etag").replace("\"", "");
        }
    }

    @Override
    public List<Part> parts(Upload upload) {
        return S3ObjectStore.asking(
                "list the parts of an upload of",
                upload.uri(),
                () -> s3
                        .listPartsPaginator(r -> r.bucket(upload.uri().bucket())
                                .key(upload.uri().key())
                                .uploadId(upload.id()))
                        .parts()
                        .stream()
                        .map(part -> new Part(
                                part.partNumber(), part.size(), part.eTag().replace("\"", "")))
                        .toList());
    }

    @Override
    public List<Upload> unfinished(ObjectUri prefix) {
        return S3ObjectStore.asking(
                "list the uploads below",
                prefix,
                () ->
                        s3
                                .listMultipartUploadsPaginator(
                                        r -> r.bucket(prefix.bucket()).prefix(prefix.key()))
                                .uploads()
                                .stream()
                                .map(upload -> new Upload(
                                        new ObjectUri(prefix.bucket(), upload.key()),
                                        upload.uploadId(),
                                        upload.initiated()))
                                .toList());
    }

    @Override
    public Optional<String> complete(Upload upload, List<Part> parts) {
        ObjectUri uri = upload.uri();
        List<CompletedPart> all = parts.stream()
                .map(part -> CompletedPart.builder()
                        .partNumber(part.number())
                        .eTag(part.etag())
                        .build())
                .toList();
        return S3ObjectStore.asking("complete the upload of", uri, () -> {
            try {
                String tag = s3.completeMultipartUpload(r -> {
                            r.bucket(uri.bucket())
                                    .key(uri.key())
                                    .uploadId(upload.id())
                                    .multipartUpload(m -> m.parts(all))
                                    .overrideConfiguration(o -> o.apiCallAttemptTimeout(COMPLETION_LIMIT));
                            if (site.conditionalPut()) {
                                r.ifNoneMatch("*");
                            }
                        })
                        .eTag();
                return Optional.of(tag.replace("\"", ""));
            } catch (S3Exception e) {
                if (site.conditionalPut() && e.statusCode() == PRECONDITION_FAILED) {
                    return Optional.empty();
                }
                throw e;
            }
        });
    }

    @Override
    public void abort(Upload upload) {
        ObjectUri uri = upload.uri();
        S3ObjectStore.asking("abort the upload of", uri, () -> {
            try {
                return s3.abortMultipartUpload(
                        r -> r.bucket(uri.bucket()).key(uri.key()).uploadId(upload.id()));
            } catch (NoSuchUploadException e) {
                return e; // it is gone, as it should be
            }
        });
    }

    @Override
    public Optional<String> madeFrom(ObjectUri uri) {
        return S3ObjectStore.asking("head", uri, () -> {
            try {
                return Optional.ofNullable(
                        s3.headObject(r -> r.bucket(uri.bucket()).key(uri.key()))
                                .metadata()
                                .get(SOURCE));
            } catch (S3Exception e) {
                if (e.statusCode() == NOT_FOUND) {
                    return Optional.empty();
                }
                throw e;
            }
        });
    }
}
