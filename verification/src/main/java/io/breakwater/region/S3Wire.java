package io.breakwater.region;

import io.breakwater.region.ObjectStoreException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/**
 * Signed S3 requests straight on the HTTP client that the SDK uses too: a GET or PUT costs a fraction of the CPU of one
 * through the SDK's layers. One attempt each, and each has a time limit that grows with its body. Thread-safe.
 */
final class S3Wire implements AutoCloseable {

    private static final int SUCCESS = 2;
    private static final int BUFFER = 64 << 10;
    private static final int LONGEST_ERROR = 16 << 10;
    private static final long SLOWEST_BYTES_PER_SECOND = 128 << 10;
    private static final Pattern CODE = Pattern.compile("<Code>([^<]*)</Code>");
    private static final Pattern MESSAGE = Pattern.compile("<Message>([^<]*)</Message>");
    private static final Set<Integer> PASSING = Set.of(408, 409, 429, 500, 502, 503, 504);

    /** Refused with status 400, although the same bytes sent again may arrive well. */
    private static final Set<String> PASSING_CODES = Set.of(
            "BadDigest", "XAmzContentSHA256Mismatch", "RequestTimeout", "IncompleteBody", "RequestTimeTooSkewed");

    private final AwsCredentialsProvider credentials;
    private final RequestSignature signature;
    private final Function<String, URI> bucketRoot;
    private final boolean signPayload;
    private final Duration timeout;
    private final CloseableHttpClient http;
    private final ScheduledThreadPoolExecutor watch;

    /**
     * @param bucketRoot where a bucket is: its keys follow, with a slash before them
     * @param timeout of a connection that says nothing; a body may take longer, at {@value #SLOWEST_BYTES_PER_SECOND} bytes
     *     a second at least
     */
    S3Wire(
            AwsCredentialsProvider credentials,
            RequestSignature signature,
            Function<String, URI> bucketRoot,
            boolean signPayload,
            Duration timeout) {
        this.credentials = credentials;
        this.signature = signature;
        this.bucketRoot = bucketRoot;
        this.signPayload = signPayload;
        this.timeout = timeout;
        Timeout quiet = Timeout.of(timeout);
        this.http = HttpClients.custom()
                .useSystemProperties()
                .disableRedirectHandling()
                .disableCookieManagement()
                .disableAuthCaching()
                .disableContentCompression()
                .disableAutomaticRetries()
                .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                        .useSystemProperties()
                        .setMaxConnTotal(S3ObjectStore.CONNECTIONS)
                        .setMaxConnPerRoute(S3ObjectStore.CONNECTIONS)
                        .setConnectionFactory(ManagedHttpClientConnectionFactory.builder()
                                .http1Config(Http1Config.custom()
                                        .setBufferSize(BUFFER)
                                        .build())
                                .build())
                        .setDefaultConnectionConfig(ConnectionConfig.custom()
                                .setConnectTimeout(quiet)
                                .setSocketTimeout(quiet)
                                .setValidateAfterInactivity(TimeValue.ofSeconds(1))
                                .build())
                        .build())
                .build();
        this.watch = new ScheduledThreadPoolExecutor(1, work -> {
            Thread thread = new Thread(work, "s3-time-limits");
            thread.setDaemon(true);
            return thread;
        });
        this.watch.setRemoveOnCancelPolicy(true);
    }

    /**
     * @param query parameters by name; not encoded
     * @param headers names in lower case
     * @param body to be sent
     */
    record Call(
            String method,
            ObjectUri uri,
            SortedMap<String, String> query,
            SortedMap<String, String> headers,
            @Nullable Body body) {}

    /** @param length in bytes */
    record Body(InputStream bytes, long length) {}

    /** The store's answer; the caller closes it, which ends a transfer that is under way. */
    static final class Answer implements AutoCloseable {

        private final Call call;
        private final HttpUriRequestBase request;
        private final ClassicHttpResponse response;
        private final Future<?> limit;
        private @Nullable String read;

        private Answer(Call call, HttpUriRequestBase request, ClassicHttpResponse response, Future<?> limit) {
            this.call = call;
            this.request = request;
            this.response = response;
            this.limit = limit;
        }

        int status() {
            return response.getCode();
        }

        boolean ok() {
            return status() / 100 == SUCCESS;
        }

        /** @throws ObjectStoreException if it does not have it */
        String header(String name) {
            var header = response.getFirstHeader(name);
            if (header == null) {
                throw new ObjectStoreException(Reason.REFUSED, describe(call) + ": the answer has no " + name, null);
            }
            return header.getValue();
        }

        /** Its bytes; closing them closes the answer. */
        InputStream body() throws IOException {
            return new AnswerBody(this, response.getEntity().getContent());
        }

        /** What the answer says, as the exception to be thrown. */
        ObjectStoreException refused() {
            String text = text();
            String code = found(CODE, text);
            boolean mayPass = PASSING.contains(status()) || PASSING_CODES.contains(code);
            return new ObjectStoreException(
                    Reason.REFUSED,
                    mayPass,
                    describe(call) + ": status " + status() + " " + code + " " + found(MESSAGE, text),
                    null);
        }

        String code() {
            return found(CODE, text());
        }

        private String text() {
            if (read == null) {
                try {
                    HttpEntity entity = response.getEntity();
                    read = entity == null
                            ? ""
                            : new String(entity.getContent().readNBytes(LONGEST_ERROR), StandardCharsets.UTF_8);
                } catch (IOException e) {
                    throw unreachable(call, e);
                }
            }
            return read;
        }

        /** The rest of the answer is read, so that the connection serves again, unless it is long. */
        @Override
        public void close() {
            limit.cancel(false);
            try {
                HttpEntity entity = response.getEntity();
                if (entity == null || entity.getContentLength() == 0 || drained(entity)) {
                    response.close();
                } else {
                    request.cancel();
                    response.close();
                }
            } catch (IOException e) {
                request.cancel(); // what is closed is not needed any more
            }
        }

        private boolean drained(HttpEntity entity) throws IOException {
            InputStream rest = entity.getContent();
            byte[] sink = new byte[1024];
            for (int chunk = 0; chunk < LONGEST_ERROR / sink.length; chunk++) {
                if (rest.read(sink) < 0) {
                    rest.close();
                    return true;
                }
            }
            return false;
        }
    }

    /** @throws ObjectStoreException UNREACHABLE, if there was no answer; what the answer says is the caller's to read */
    Answer send(Call call) {
        HttpUriRequestBase request = signed(call);
        long body = call.body() == null ? 0 : call.body().length();
        Future<?> limit = limit(request, body);
        try {
            ClassicHttpResponse response = http.executeOpen(null, request, null);
            HttpEntity entity = response.getEntity();
            if (entity != null && entity.getContentLength() > BUFFER) {
                limit.cancel(false);
                limit = limit(request, entity.getContentLength());
            }
            return new Answer(call, request, response, limit);
        } catch (IOException e) {
            limit.cancel(false);
            throw unreachable(call, e);
        }
    }

    private Future<?> limit(HttpUriRequestBase request, long bytes) {
        long millis = timeout.toMillis() * 2 + bytes * 1000 / SLOWEST_BYTES_PER_SECOND;
        return watch.schedule(request::cancel, millis, TimeUnit.MILLISECONDS);
    }

    private HttpUriRequestBase signed(Call call) {
        RequestSignature.Request meant = new RequestSignature.Request(
                call.method(), bucketRoot.apply(call.uri().bucket()), call.uri().key(), call.query(), call.headers());
        Body body = call.body();
        InputStream bytes = body == null ? null : body.bytes();
        AwsCredentials as = credentials.resolveCredentials();
        // A stream that can be read only once is not signed: it is compared on arrival.
        RequestSignature.Signed signed = signPayload && (bytes == null || bytes.markSupported())
                ? signature.signWithPayload(meant, bytes, as, Clock.systemUTC())
                : signature.sign(meant, as, Clock.systemUTC());
        HttpUriRequestBase request = new HttpUriRequestBase(call.method(), signed.uri());
        signed.headers().forEach(request::setHeader);
        if (body != null) {
            request.setEntity(new BodyEntity(body));
        }
        return request;
    }

    private static ObjectStoreException unreachable(Call call, IOException e) {
        return new ObjectStoreException(Reason.UNREACHABLE, describe(call) + ": " + e, e);
    }

    private static String describe(Call call) {
        return call.method().toLowerCase(java.util.Locale.ROOT) + " " + call.uri()
                + (call.query().isEmpty() ? "" : " " + call.query());
    }

    /** As {@code Content-MD5} wants it. */
    static String base64(String hex) {
        return Base64.getEncoder().encodeToString(HexFormat.of().parseHex(hex));
    }

    private static String found(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find() ? matcher.group(1) : "";
    }

    @Override
    public void close() {
        watch.shutdownNow();
        try {
            http.close();
        } catch (IOException e) {
            throw new ObjectStoreException(Reason.UNREACHABLE, "close the connections of a store: " + e, e);
        }
    }
}
