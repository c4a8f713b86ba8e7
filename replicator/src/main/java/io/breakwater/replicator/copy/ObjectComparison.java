package io.breakwater.replicator.copy;

import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStore.ObjectInfo;
import io.breakwater.region.ObjectUri;
import java.io.IOException;
import java.util.Optional;

/** Whether two objects are the same, by their tags where those tell, else by reading them. Thread-safe. */
final class ObjectComparison {

    private final ObjectStore source;
    private final ObjectStore target;

    /** Stores that encrypt have tags that look like an MD5 and are none. */
    private volatile boolean tagsAreDigests = true;

    ObjectComparison(ObjectStore source, ObjectStore target) {
        this.source = source;
        this.target = target;
    }

    /**
     * @param digest MD5 of the bytes that were sent
     * @param tag that the target gave them
     */
    record Sent(String digest, String tag) {}

    boolean tagIsDigest(ObjectInfo meant) {
        return tagsAreDigests && Digests.isMd5(meant.etag());
    }

    /** Of an object that stands at the target. */
    CopyOutcome compare(CopyJob job, ObjectInfo there) throws IOException {
        Optional<ObjectInfo> known = source.head(job.from());
        if (known.isEmpty()) {
            return withoutSource(job, there);
        }
        ObjectInfo meant = known.get();
        boolean announced = job.size().orElse(meant.size()) == meant.size();
        return announced && meant.size() == there.size() && equal(meant, there)
                ? new CopyOutcome.AlreadyThere(there.size(), there.etag())
                : new CopyOutcome.Different("at the target stands " + describe(there) + ", the source has "
                        + describe(meant) + announcement(job));
    }

    private static String announcement(CopyJob job) {
        return job.size().isPresent() ? ", announced were " + job.size().getAsLong() + " bytes" : "";
    }

    private boolean equal(ObjectInfo meant, ObjectInfo there) throws IOException {
        if (meant.etag().equals(there.etag())) {
            return true;
        }
        Optional<String> madeFrom = target.bulk().parts().flatMap(uploads -> uploads.madeFrom(there.uri()));
        return madeFrom.filter(meant.etag()::equals).isPresent()
                || Digests.of(source.bulk(), meant.uri()).equals(Digests.of(target.bulk(), there.uri()));
    }

    /** It arrived before the source lost it: nothing is put at a target before it was compared. */
    CopyOutcome withoutSource(CopyJob job, ObjectInfo there) {
        return job.size().orElse(there.size()) == there.size()
                ? new CopyOutcome.AlreadyThere(there.size(), there.etag())
                : new CopyOutcome.SourceMissing();
    }

    /**
     * Holds what was sent against what arrived and what the source has; removes it if they differ.
     *
     * @throws IOException if they differ
     */
    void arrived(CopyJob job, ObjectInfo meant, Sent sent) throws IOException {
        boolean right = false;
        try {
            right = (sent.tag().equals(sent.digest()) || targetHas(job.to(), sent.digest()))
                    && (!Digests.isMd5(meant.etag())
                            || meant.etag().equals(sent.digest())
                            || sourceHas(meant, sent.digest()));
        } finally {
            // Somebody else may have written there meanwhile: that stays.
            if (!right && target.head(job.to()).map(ObjectInfo::etag).equals(Optional.of(sent.tag()))) {
                target.delete(job.to());
            }
        }
        if (!right) {
            throw new IOException(job.to() + " arrived with other bytes than the source has; removed");
        }
    }

    private boolean targetHas(ObjectUri uri, String digest) throws IOException {
        return Digests.of(target.bulk(), uri).equals(digest);
    }

    /** A second reading decides whether the first went wrong, or the tag is no digest. */
    boolean sourceHas(ObjectInfo meant, String digest) throws IOException {
        boolean has = Digests.of(source.bulk(), meant.uri()).equals(digest);
        if (has && Digests.isMd5(meant.etag()) && !meant.etag().equals(digest)) {
            tagsAreDigests = false;
        }
        return has;
    }

    private static String describe(ObjectInfo info) {
        return info.uri() + " of " + info.size() + " bytes, tag " + info.etag();
    }
}
