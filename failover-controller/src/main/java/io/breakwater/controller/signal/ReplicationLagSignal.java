package io.breakwater.controller.signal;

import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.Receipt;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Whether what is written in the region arrives elsewhere: the receipts of the flows that leave it. It needs no way
 * into the region itself, and sees it with the eyes of the mirrors. A region that no flow leaves is unknown.
 */
public final class ReplicationLagSignal implements HealthSignal {

    /** Two repetitions of a receipt and a bit: a flow that is silent for longer does not run. */
    private static final Duration SILENCE = Duration.ofSeconds(2 * Receipt.REPEAT_SECONDS + 15L);

    private static final Duration EVERY = Duration.ofSeconds(1);

    private final String region;
    private final Supplier<List<Receipt>> receipts;
    private final Duration maxLag;
    private final Clock clock;

    /** @param receipts the newest ones of all regions */
    public ReplicationLagSignal(String region, Supplier<List<Receipt>> receipts, Duration maxLag, Clock clock) {
        this.region = region;
        this.receipts = receipts;
        this.maxLag = maxLag;
        this.clock = clock;
    }

    @Override
    public String id() {
        return "replication-lag";
    }

    @Override
    public String signalClass() {
        return "replication";
    }

    @Override
    public Duration every() {
        return EVERY;
    }

    @Override
    public SignalReading probe() {
        Instant now = clock.instant();
        Map<String, Receipt> newest = new TreeMap<>();
        receipts.get().stream()
                .filter(receipt -> receipt.flow().from().equals(region)
                        && receipt.asset().kind().equals(AssetSpec.KAFKA_TOPIC))
                .forEach(receipt -> newest.merge(receipt.key(), receipt, ReplicationLagSignal::later));
        Optional<Receipt> furthestBehind = newest.values().stream()
                .filter(receipt -> receipt.publishedAt().plus(SILENCE).isAfter(now))
                .min(Comparator.comparing(receipt -> receipt.position().sourceTime()));
        if (furthestBehind.isEmpty()) {
            return new SignalReading.Unknown("no flow out of " + region + " has told of a topic for "
                    + SILENCE.toSeconds() + " s: it is stopped, or its mirror is gone");
        }
        Receipt behind = furthestBehind.get();
        Duration lag = Duration.between(behind.position().sourceTime(), now);
        return lag.compareTo(maxLag) > 0
                ? new SignalReading.Unhealthy(behind.asset() + " of flow " + behind.flow() + " is " + lag.toSeconds()
                        + " s behind, more than " + maxLag.toSeconds() + " s")
                : new SignalReading.Healthy();
    }

    private static Receipt later(Receipt one, Receipt other) {
        return one.publishedAt().isAfter(other.publishedAt()) ? one : other;
    }

    @Override
    public void close() {
        // The receipts belong to whoever reads them.
    }
}
