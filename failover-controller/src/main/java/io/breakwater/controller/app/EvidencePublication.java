package io.breakwater.controller.app;

import io.breakwater.controller.core.ControlEvent;
import io.breakwater.controller.signal.ObjectStoreSignal;
import io.breakwater.evidence.EvidenceException;
import io.breakwater.evidence.EvidenceLog;
import io.breakwater.evidence.EvidencePublisher;
import io.breakwater.platform.Platform;
import io.breakwater.region.ObjectStoreException;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.RegionClients;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Signs this node's evidence log as it grows, and on the leader puts it into the object store of every region. One
 * thread; a region that is away is tried again.
 */
final class EvidencePublication implements Runnable {

    /** Where the log stands in each region's bucket for Breakwater. */
    static final String PREFIX = "evidence/";

    private static final Logger LOG = LoggerFactory.getLogger(EvidencePublication.class);
    private static final long EVERY_MILLIS = 500;

    private final EvidenceLog log;
    private final ControlPlane plane;
    private final BooleanSupplier leading;
    private final SortedMap<String, EvidencePublisher> publishers = new TreeMap<>();
    private final SortedMap<String, String> troubles = new TreeMap<>();
    private long told;

    EvidencePublication(
            Platform platform, RegionClients clients, EvidenceLog log, ControlPlane plane, BooleanSupplier leading) {
        this.log = log;
        this.plane = plane;
        this.leading = leading;
        platform.regions().forEach((name, region) -> {
            String bucket = region.objectStore().buckets().get(ObjectStoreSignal.BUCKET);
            if (bucket != null) {
                publishers.put(
                        name, new EvidencePublisher(log, clients.objectStore(name), new ObjectUri(bucket, PREFIX)));
            }
        });
    }

    @Override
    public void run() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                log.checkpoint();
                if (leading.getAsBoolean()) {
                    publishers.forEach(this::publish);
                    tell();
                }
                TimeUnit.MILLISECONDS.sleep(EVERY_MILLIS);
            }
        } catch (InterruptedException e) {
            // Closed; what is not published yet is in the Raft log.
            Thread.currentThread().interrupt();
        }
    }

    private void publish(String region, EvidencePublisher publisher) {
        try {
            EvidencePublisher.Outcome outcome = publisher.publish();
            trouble(region, outcome instanceof EvidencePublisher.Diverged diverged ? diverged.toString() : "");
        } catch (ObjectStoreException | EvidenceException e) {
            trouble(region, String.valueOf(e.getMessage()));
        }
    }

    /** Says a trouble once, and its end. */
    private void trouble(String region, String trouble) {
        String last = troubles.put(region, trouble);
        if (trouble.isEmpty() && last != null && !last.isEmpty()) {
            LOG.info("region={} evidence is published again", region);
        } else if (!trouble.isEmpty() && (last == null || last.isEmpty())) {
            LOG.warn("region={} evidence is not published: {}", region, trouble);
        }
    }

    private void tell() {
        long everywhere = publishers.values().stream()
                .mapToLong(EvidencePublisher::published)
                .min()
                .orElse(0);
        if (everywhere > told) {
            plane.propose(new ControlEvent.EvidencePublished(everywhere))
                    .thenAccept(reply -> LOG.debug("evidence of {} entries stands everywhere", everywhere));
            told = everywhere;
        }
    }
}
