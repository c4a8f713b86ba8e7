package io.breakwater.region;

import io.breakwater.region.ObjectStore.ObjectInfo;
import io.breakwater.region.S3Wire.Answer;
import io.breakwater.region.S3Wire.Body;
import io.breakwater.region.S3Wire.Call;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.CRC32;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.NoSuchUploadException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** {@link PartUploads} of one S3 store: parts go by {@link S3Wire}, the rest by the SDK. */
final class S3PartUploads implements PartUploads {

    /** User metadata: the tag of the source. */
    private static final String SOURCE = "breakwater-source";

    /** Stores put large objects together while the caller waits; socket timeouts do not apply, S3 sends blanks. */
    private static final Duration COMPLETION_LIMIT = Duration.ofMinutes(10);

    private static final String CRC32_HEADER = "x-amz-checksum-crc32";
    private static final int HUNDRED = 100;
    private static final int SUCCESS = 2;
    private static final int BAD_REQUEST = 400;
    private static final int NOT_FOUND = 404;
    private static final int PRECONDITION_FAILED = 412;

    private final S3Wire wire;
    private final S3Client s3;
    private final S3Site site;

    /** Whether the store refuses parts of another CRC-32 than announced; the first upload that would use it finds out. */
    private volatile Optional<Boolean> verifiesCrc32 = Optional.empty();

    S3PartUploads(S3Wire wire, S3Client s3, S3Site site) {
        this.wire = wire;
        this.s3 = s3;
        this.site = site;
    }

    static Map<String, String> madeFrom(ObjectInfo source) {
        return Map.of(SOURCE, source.etag());
    }

    @Override
    public Upload begin(ObjectUri uri, ObjectInfo source, boolean byCrc32) {
        if (byCrc32 && verifiesCrc32.orElse(true)) {
            Optional<Upload> begun = begunByCrc32(uri, source);
            if (begun.isPresent()) {
                return begun.get();
            }
        }
        return create(uri, source, false);
    }

    private Optional<Upload> begunByCrc32(ObjectUri uri, ObjectInfo source) {
        Upload upload;
        try {
            upload = create(uri, source, true);
        } catch (ObjectStoreException e) {
            if (e.mayPass()) {
                throw e;
            }
            return Optional.empty(); // whoever begins it without will hear if it is for another reason
        }
        if (verifiesCrc32.orElseGet(() -> verifies(upload))) {
            return Optional.of(upload);
        }
        abort(upload);
        return Optional.empty();
    }

    private Upload create(ObjectUri uri, ObjectInfo source, boolean byCrc32) {
        String id = S3ObjectStore.asking(
                "begin an upload of",
                uri,
                () -> s3.createMultipartUpload(r -> {
                            r.bucket(uri.bucket()).key(uri.key()).metadata(madeFrom(source));
                            if (byCrc32) {
                                r.checksumAlgorithm(ChecksumAlgorithm.CRC32);
                            }
                        })
                        .uploadId());
        return new Upload(uri, id, Instant.now(Clock.systemUTC()), byCrc32);
    }

    /** Asks by one byte, announced right and then wrong. Part 1 is put again with what belongs there. */
    private boolean verifies(Upload upload) {
        byte[] bytes = {1};
        CRC32 crc32 = new CRC32();
        crc32.update(bytes);
        int right = (int) crc32.getValue();
        boolean accepted = answerTo(upload, bytes, right) / HUNDRED == SUCCESS;
        boolean verifies = accepted && answerTo(upload, bytes, right + 1) == BAD_REQUEST;
        if (accepted) {
            verifiesCrc32 = Optional.of(verifies);
        }
        return verifies;
    }

    private int answerTo(Upload upload, byte[] bytes, int crc32) {
        Body body = new Body(new ByteArrayInputStream(bytes), bytes.length);
        try (Answer answer = wire.send(put(upload, 1, body, new Announced.Crc32(crc32)))) {
            return answer.status();
        }
    }

    @Override
    public Part put(Upload upload, int number, InputStream bytes, long length, Announced announced) {
        Call call = put(upload, number, new Body(bytes, length), announced);
        try (Answer answer = wire.send(call)) {
            if (!answer.ok()) {
                throw answer.refused();
            }
            return new Part(
                    number,
                    length,
                    answer.header("etag").replace("\"", ""),
                    Optional.ofNullable(call.headers().get(CRC32_HEADER)));
        }
    }

    private static Call put(Upload upload, int number, Body body, Announced announced) {
        TreeMap<String, String> query =
                new TreeMap<>(Map.of("partNumber", Integer.toString(number), "uploadId", upload.id()));
        TreeMap<String, String> headers = new TreeMap<>();
        if (announced instanceof Announced.Md5 md5) {
            headers.put("content-md5", S3Wire.base64(md5.hex()));
        } else if (announced instanceof Announced.Crc32 crc32) {
            headers.put(CRC32_HEADER, S3Wire.base64(HexFormat.of().toHexDigits(crc32.value())));
        }
        return new Call("PUT", upload.uri(), query, headers, body);
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
                                part.partNumber(),
                                part.size(),
                                part.eTag().replace("\"", ""),
                                Optional.ofNullable(part.checksumCRC32())))
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
                                        upload.initiated(),
                                        upload.checksumAlgorithm() == ChecksumAlgorithm.CRC32))
                                .toList());
    }

    @Override
    public Optional<String> complete(Upload upload, List<Part> parts) {
        ObjectUri uri = upload.uri();
        List<CompletedPart> all = parts.stream()
                .map(part -> CompletedPart.builder()
                        .partNumber(part.number())
                        .eTag(part.etag())
                        .checksumCRC32(part.crc32().orElse(null))
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
