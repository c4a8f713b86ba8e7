package io.breakwater.verification.objects;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.region.ObjectBytes;
import io.breakwater.region.ObjectListing;
import io.breakwater.region.ObjectStore.ObjectInfo;
import io.breakwater.verification.objects.PrefixVerifier.Differences;
import io.breakwater.verification.objects.PrefixVerifier.Side;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Holds the listing of a prefix's source against its replica's. For one use. */
final class SourceComparison {

    /** Objects whose tags say nothing of each other are read on both sides, up to so many bytes in all. */
    private static final long MOST_READ = 4L << 30;

    /** Stores tell times in whole seconds, cut off. */
    private static final Duration GRAIN = Duration.ofSeconds(1);

    private final Side source;
    private final Side replica;
    private final Instant asOf;
    private final boolean keeps;
    private long compared;
    private long newer;
    private long kept;
    private long unread;
    private long bytesRead;

    /**
     * @param asOf objects that the source got later need not be there
     * @param keeps whether objects that were written again at the source may differ
     */
    SourceComparison(Side source, Side replica, Instant asOf, boolean keeps) {
        this.source = source;
        this.replica = replica;
        this.asOf = asOf;
        this.keeps = keeps;
    }

    void run(ObjectNode figures, Differences differences) throws IOException {
        ObjectListing meant = source.listing();
        ObjectListing there = replica.listing();
        for (Optional<ObjectInfo> next = meant.peek(); next.isPresent(); next = meant.peek()) {
            if (!PrefixVerifier.isOwn(next.get())) {
                compare(next.get(), standing(there, source.below(next.get())), differences);
            }
            meant.advance();
        }
        figures.put("comparedWithSource", compared)
                .put("newerAtSource", newer)
                .put("keptAsFirstArrived", kept)
                .put("tagsSayNothingAndNotRead", unread);
    }

    private Optional<ObjectInfo> standing(ObjectListing there, String below) {
        Optional<ObjectInfo> next = there.peek();
        while (next.isPresent() && ObjectListing.compare(replica.below(next.get()), below) < 0) {
            there.advance();
            next = there.peek();
        }
        return next.filter(info -> replica.below(info).equals(below));
    }

    private void compare(ObjectInfo meant, Optional<ObjectInfo> there, Differences differences) throws IOException {
        boolean isNewer = meant.lastModified().plus(GRAIN).isAfter(asOf);
        if (there.isPresent() && equal(meant, there.get())) {
            compared++;
        } else if (isNewer) {
            newer++;
        } else if (there.isEmpty()) {
            differences.add(source.below(meant) + ": the source has it since " + meant.lastModified()
                    + ", the replica of " + asOf + " does not");
        } else if (keeps) {
            kept++;
        } else {
            differences.add(source.below(meant) + ": the source has " + meant.size() + " bytes, tag " + meant.etag()
                    + ", the replica " + there.get().size() + " bytes, tag "
                    + there.get().etag());
        }
    }

    private boolean equal(ObjectInfo meant, ObjectInfo there) throws IOException {
        if (meant.size() != there.size() || meant.etag().equals(there.etag())) {
            return meant.size() == there.size();
        }
        if (bytesRead + meant.size() > MOST_READ) {
            unread++;
            return true;
        }
        bytesRead += meant.size();
        return ObjectBytes.of(source.store(), meant.uri()).equals(ObjectBytes.of(replica.store(), there.uri()));
    }
}
