package io.breakwater.region;

import io.breakwater.region.ObjectStore.ObjectInfo;
import io.breakwater.region.ObjectStoreException.Reason;
import io.breakwater.region.S3Wire.Answer;
import io.breakwater.region.S3Wire.Body;
import io.breakwater.region.S3Wire.Call;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import software.amazon.awssdk.services.s3.S3Client;

/** {@link BulkTransfer} of one S3 store: bytes go by {@link S3Wire}, the rest by the SDK. */
final class S3BulkTransfer implements BulkTransfer {

    private static final int NOT_FOUND = 404;
    private static final int PARTIAL = 206;
    private static final int PRECONDITION_FAILED = 412;
    private static final SortedMap<String, String> NONE = new TreeMap<>();

    private final S3Wire wire;
    private final S3LongCalls longCalls;
    private final S3Site site;
    private final S3PartUploads parts;

    S3BulkTransfer(S3Wire wire, S3Client s3, S3LongCalls longCalls, S3Site site) {
        this.wire = wire;
        this.longCalls = longCalls;
        this.site = site;
        this.parts = new S3PartUploads(wire, s3, site);
    }

    @Override
    public boolean putsIfAbsent() {
        return site.conditionalPut();
    }

    @Override
    public Optional<ObjectStream> open(ObjectUri uri) {
        Answer answer = wire.send(new Call("GET", uri, NONE, NONE, null));
        if (answer.ok()) {
            return Optional.of(stream(uri, answer));
        }
        try (answer) {
            if (answer.status() == NOT_FOUND && answer.code().equals("NoSuchKey")) {
                return Optional.empty();
            }
            throw answer.refused();
        }
    }

    private static ObjectStream stream(ObjectUri uri, Answer answer) {
        try {
            ObjectInfo info = new ObjectInfo(
                    uri,
                    Long.parseLong(answer.header("content-length")),
                    answer.header("etag").replace("\"", ""),
                    httpTime(answer.header("last-modified")));
            return new ObjectStream(info, answer.body());
        } catch (IOException | RuntimeException e) {
            answer.close();
            throw new ObjectStoreException(
                    Reason.UNREACHABLE, "get " + uri + ": unusable answer: " + e.getMessage(), e);
        }
    }

    private static Instant httpTime(String text) {
        return ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
    }

    @Override
    public ObjectStream open(ObjectInfo object, long offset, long length) {
        SortedMap<String, String> headers = new TreeMap<>();
        headers.put("range", "bytes=" + offset + "-" + (offset + length - 1));
        headers.put("if-match", "\"" + object.etag() + "\"");
        Answer answer = wire.send(new Call("GET", object.uri(), NONE, headers, null));
        try {
            if (answer.status() != PARTIAL) {
                throw answer.refused();
            }
            String expected = "bytes " + offset + "-" + (offset + length - 1) + "/" + object.size();
            if (!answer.header("content-range").equals(expected)
                    || Long.parseLong(answer.header("content-length")) != length) {
                throw new ObjectStoreException(
                        Reason.REFUSED,
                        "get " + object.uri() + ": asked for " + expected + ", got " + answer.header("content-range"),
                        null);
            }
            return new ObjectStream(object, answer.body());
        } catch (IOException | RuntimeException e) {
            answer.close();
            throw e instanceof RuntimeException known
                    ? known
                    : new ObjectStoreException(Reason.UNREACHABLE, "get " + object.uri() + ": " + e, e);
        }
    }

    @Override
    public Optional<String> put(ObjectUri uri, ByteBuffer bytes, PutTerms terms) {
        ByteArrayInputStream body =
                new ByteArrayInputStream(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
        return put(uri, new Body(body, bytes.remaining()), terms);
    }

    /** Not where payloads are signed: a signature goes before the bytes. */
    @Override
    public Optional<StreamedPuts> streamedPuts() {
        return site.signPayload()
                ? Optional.empty()
                : Optional.of((uri, bytes, terms) ->
                        put(uri, new Body(bytes, bytes.info().size()), terms));
    }

    private Optional<String> put(ObjectUri uri, Body body, PutTerms terms) {
        SortedMap<String, String> headers = new TreeMap<>();
        terms.md5().ifPresent(md5 -> headers.put("content-md5", S3Wire.base64(md5)));
        if (terms.onlyIfAbsent()) {
            headers.put("if-none-match", "*");
        }
        try (Answer answer = wire.send(new Call("PUT", uri, NONE, headers, body))) {
            // 409 says that another upload of this key is not decided yet, which refused() lets try again.
            if (terms.onlyIfAbsent() && answer.status() == PRECONDITION_FAILED) {
                return Optional.empty();
            }
            if (!answer.ok()) {
                throw answer.refused();
            }
            return Optional.of(answer.header("etag").replace("\"", ""));
        }
    }

    @Override
    public Optional<PartUploads> parts() {
        return Optional.of(parts);
    }

    @Override
    public Optional<ServerSideCopy> copiesFrom(ObjectStore source) {
        return source instanceof S3ObjectStore other && other.site().sameProvider(site)
                ? Optional.of(new S3ServerSideCopy(longCalls))
                : Optional.empty();
    }
}
