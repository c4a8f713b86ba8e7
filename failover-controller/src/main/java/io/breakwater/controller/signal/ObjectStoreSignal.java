package io.breakwater.controller.signal;

import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStoreException;
import io.breakwater.region.ObjectUri;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CancellationException;

/**
 * Whether the region's object store takes and lists a canary object of this node, and gives back what was put. It
 * writes and lists at the first probe and then now and again, because each costs money; in between it only reads the
 * object, which is some bytes long.
 */
public final class ObjectStoreSignal implements HealthSignal {

    /** The role of the bucket that belongs to Breakwater. */
    public static final String BUCKET = "breakwater";

    private static final Duration WRITE_EVERY = Duration.ofSeconds(10);

    private final ObjectStore store;
    private final ObjectUri canary;
    private long writtenAt;
    /** What the object holds, once it is written and listed. */
    private Optional<byte[]> content = Optional.empty();

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
            Optional<byte[]> held = content;
            byte[] expected;
            if (held.isPresent() && System.nanoTime() - writtenAt <= WRITE_EVERY.toNanos()) {
                expected = held.get();
            } else {
                expected = Instant.now().toString().getBytes(StandardCharsets.UTF_8);
                store.put(canary, expected);
                writtenAt = System.nanoTime();
                if (store.list(canary).stream().noneMatch(info -> info.uri().equals(canary))) {
                    return new SignalReading.Unhealthy("the object that was just written is not listed");
                }
            }
            content = Optional.empty();
            Optional<byte[]> found = store.get(canary);
            if (found.isEmpty() || !Arrays.equals(found.get(), expected)) {
                return new SignalReading.Unhealthy(
                        found.isEmpty()
                                ? "the object that was just written is not found"
                                : "the object that was just written is read with another content");
            }
            content = Optional.of(expected);
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
