package io.breakwater.controller.signal;

import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStoreException;
import io.breakwater.region.ObjectUri;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CancellationException;

/**
 * Whether the region's object store takes, lists and finds a canary object of this node. It writes and lists at the
 * first probe and then now and again, because each costs money; in between it only asks for the object.
 */
public final class ObjectStoreSignal implements HealthSignal {

    /** The role of the bucket that belongs to Breakwater. */
    public static final String BUCKET = "breakwater";

    private static final Duration WRITE_EVERY = Duration.ofSeconds(10);

    private final ObjectStore store;
    private final ObjectUri canary;
    private long writtenAt;
    private boolean written;

    /**
     * @param store with time-outs as short as the probe's limit; closed with this signal
     * @param bucket where the canary goes
     * @param node this node's id: each has a canary of its own
     */
    public ObjectStoreSignal(ObjectStore store, String bucket, String node) {
        this.store = store;
        this.canary = new ObjectUri(bucket, "health/" + node);
    }

    @Override
    public String id() {
        return "object-store-canary";
    }

    @Override
    public String signalClass() {
        return "object-store";
    }

    @Override
    public SignalReading probe() {
        try {
            if (!written || System.nanoTime() - writtenAt > WRITE_EVERY.toNanos()) {
                written = false;
                store.put(canary, Instant.now().toString().getBytes(StandardCharsets.UTF_8));
                writtenAt = System.nanoTime();
                if (store.list(canary).stream().noneMatch(info -> info.uri().equals(canary))) {
                    return new SignalReading.Unhealthy("the object that was just written is not listed");
                }
                written = true;
            } else if (store.head(canary).isEmpty()) {
                written = false;
                return new SignalReading.Unhealthy("the object that was just written is not found");
            }
            return new SignalReading.Healthy();
        } catch (ObjectStoreException e) {
            return switch (e.reason()) {
                case UNREACHABLE -> new SignalReading.Unhealthy("the object store does not answer");
                case REFUSED ->
                    new SignalReading.Unknown(
                            "the object store refuses this node: check the keys and the bucket " + canary.bucket());
            };
        } catch (CancellationException e) {
            // The SDK's own time-out, where it strikes while the call still waits for a connection.
            return new SignalReading.Unhealthy("the object store does not answer in time");
        }
    }

    @Override
    public void close() {
        store.close();
    }
}
