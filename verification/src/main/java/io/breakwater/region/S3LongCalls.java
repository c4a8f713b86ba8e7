package io.breakwater.region;

import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * Calls that a store answers only when it has moved bytes by itself: nothing comes over their connection until then, so
 * they have a client of their own, whose connections may be silent for so long. It is made when it is first needed.
 * Thread-safe.
 */
final class S3LongCalls implements AutoCloseable {

    /** In bytes: a provider that copies less in a second counts as one that does not answer. */
    static final long SLOWEST = 4L << 20;

    private final Duration timeout;
    private final Function<Duration, S3Client> connect;
    private @Nullable S3Client client;

    /**
     * @param timeout of a call that moves nothing
     * @param connect makes a client of the time for which a connection may be silent
     */
    S3LongCalls(Duration timeout, Function<Duration, S3Client> connect) {
        this.timeout = timeout;
        this.connect = connect;
    }

    synchronized S3Client client() {
        S3Client made = client;
        if (made == null) {
            made = connect.apply(limit(PartUploads.LARGEST_PART));
            client = made;
        }
        return made;
    }

    /** The time limit of one attempt of a call that moves so many bytes, at most {@link PartUploads#LARGEST_PART}. */
    Duration limit(long bytes) {
        return timeout.plusMillis(bytes * 1000 / SLOWEST);
    }

    @Override
    public synchronized void close() {
        if (client != null) {
            client.close();
        }
    }
}
