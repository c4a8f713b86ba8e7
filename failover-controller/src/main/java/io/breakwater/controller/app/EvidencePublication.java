package io.breakwater.controller.app;

import io.breakwater.controller.core.ControlEvent;
import io.breakwater.evidence.EvidenceException;
import io.breakwater.evidence.EvidenceLog;
import io.breakwater.evidence.EvidencePublisher;
import io.breakwater.region.ObjectStoreException;
import java.io.UncheckedIOException;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Signs this node's evidence log as it grows, and on the leader puts it into the object stores of the regions. One
 * thread a region, so that one that is away holds nothing up; it is tried again.
 */
final class EvidencePublication {

    /** Where the log stands in each region's bucket for Breakwater. */
    static final String PREFIX = "evidence/";

    private static final Logger LOG = LoggerFactory.getLogger(EvidencePublication.class);
    private static final long EVERY_MILLIS = 500;

    private final EvidenceLog log;
    private final ControlPlane plane;
    private final BooleanSupplier leading;
    private final SortedMap<String, Long> published = new ConcurrentSkipListMap<>();

    EvidencePublication(EvidenceLog log, ControlPlane plane, BooleanSupplier leading) {
        this.log = log;
        this.plane = plane;
        this.leading = leading;
    }

    /** The work of one region's thread; made before any of them runs, so that all are waited for. */
    Runnable of(String region, EvidencePublisher publisher) {
        published.put(region, 0L);
        return new Publishing(region, publisher);
    }

    private final class Publishing implements Runnable {

        private final String region;
        private final EvidencePublisher publisher;
        private String trouble = "";

        Publishing(String region, EvidencePublisher publisher) {
            this.region = region;
            this.publisher = publisher;
        }

        @Override
        public void run() {
            try {
                while (!Thread.currentThread().isInterrupted()) {
                    say(publish());
                    TimeUnit.MILLISECONDS.sleep(EVERY_MILLIS);
                }
            } catch (InterruptedException e) {
                // Closed; what is not published yet is in the Raft log.
                Thread.currentThread().interrupt();
            }
        }

        /** @return what stands in the way; empty if nothing */
        private String publish() {
            try {
                log.checkpoint();
                if (!leading.getAsBoolean()) {
                    return "";
                }
                EvidencePublisher.Outcome outcome = publisher.publish();
                if (outcome instanceof EvidencePublisher.Diverged diverged) {
                    return diverged.toString();
                }
                publishedTo(region, publisher.published());
                return "";
            } catch (ObjectStoreException | EvidenceException e) {
                return String.valueOf(e.getMessage());
            } catch (UncheckedIOException e) {
                // A full disk, for one: what could not be written is still in memory, and is written when there is
                // room.
                return "this node cannot write it: " + e.getMessage();
            }
        }

        /** Says a trouble once, and its end. */
        private void say(String now) {
            if (now.isEmpty() && !trouble.isEmpty()) {
                LOG.info("region={} evidence is published again", region);
            } else if (!now.isEmpty() && trouble.isEmpty()) {
                LOG.warn("region={} evidence is not published: {}", region, now);
            }
            trouble = now;
        }
    }

    private synchronized void publishedTo(String region, long size) {
        long before = everywhere();
        published.put(region, size);
        long after = everywhere();
        if (after > before) {
            plane.propose(new ControlEvent.EvidencePublished(after))
                    .whenComplete((reply, failure) -> LOG.debug("evidence of {} entries stands everywhere", after));
        }
    }

    private long everywhere() {
        return published.values().stream().mapToLong(Long::longValue).min().orElse(0);
    }
}
