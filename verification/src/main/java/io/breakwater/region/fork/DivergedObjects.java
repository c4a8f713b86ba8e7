package io.breakwater.region.fork;

import io.breakwater.platform.Epoch;
import io.breakwater.region.ObjectBytes;
import io.breakwater.region.ObjectListing;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStore.ObjectInfo;
import io.breakwater.region.ObjectStoreException;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.fork.ObjectLedger.Entry;
import io.breakwater.region.fork.ObjectLedger.There;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;

/**
 * The objects below a prefix of the region that was left which the promoted region does not have. Both listings are read
 * page by page, so that memory does not grow with the prefix. For one thread, and for one use.
 *
 * <p>Invariant: it removes and replaces nothing. What the promoted region has another object for is copied aside, because
 * a person will have to decide between the two.
 */
public final class DivergedObjects {

    /** Where what Breakwater notes itself lies in a bucket; no mirror carries it. */
    private static final String OWN = "_breakwater/";

    /** Objects whose tags say nothing of each other are read on both sides, up to so many bytes in all. */
    private static final long MOST_READ = 4L << 30;

    private final Side left;
    private final Side promoted;
    private final Optional<Instant> recoveredTo;
    private final Epoch epoch;
    private final ObjectListing meant;
    private final ObjectListing there;
    private long bytesRead;

    /** A prefix in one region. */
    public record Side(ObjectStore store, ObjectUri prefix) {

        private ObjectListing listing() {
            return new ObjectListing(store, prefix, "");
        }

        private String below(ObjectInfo info) {
            return info.uri().key().substring(prefix.key().length());
        }
    }

    /**
     * @param recoveredTo the source time that the replica had when the region was left, if it had one
     * @param epoch that began with the promotion of the other region
     */
    public DivergedObjects(Side left, Side promoted, Optional<Instant> recoveredTo, Epoch epoch) {
        this.left = left;
        this.promoted = promoted;
        this.recoveredTo = recoveredTo;
        this.epoch = epoch;
        this.meant = left.listing();
        this.there = promoted.listing();
    }

    Optional<Instant> recoveredTo() {
        return recoveredTo;
    }

    /**
     * The next one, in the order of keys; it is kept by then. Empty at the end.
     *
     * @throws ObjectStoreException if a store fails; another run finds what was kept
     * @throws IOException if an object that has to be read cannot be
     */
    public Optional<Entry> next() throws IOException {
        for (Optional<ObjectInfo> next = meant.peek(); next.isPresent(); next = meant.peek()) {
            ObjectInfo object = next.get();
            Optional<There> found =
                    object.uri().key().startsWith(OWN) ? Optional.empty() : difference(object, standing(object));
            meant.advance();
            if (found.isPresent()) {
                return Optional.of(entry(object, found.get()));
            }
        }
        return Optional.empty();
    }

    private Optional<ObjectInfo> standing(ObjectInfo object) {
        String below = left.below(object);
        Optional<ObjectInfo> next = there.peek();
        while (next.isPresent() && ObjectListing.compare(promoted.below(next.get()), below) < 0) {
            there.advance();
            next = there.peek();
        }
        return next.filter(info -> promoted.below(info).equals(below));
    }

    /** Empty if both have the same. */
    private Optional<There> difference(ObjectInfo object, Optional<ObjectInfo> standing) throws IOException {
        if (standing.isEmpty()) {
            return Optional.of(There.NOTHING);
        }
        ObjectInfo other = standing.get();
        if (object.size() != other.size()) {
            return Optional.of(There.ANOTHER);
        }
        if (object.etag().equals(other.etag()) || madeFrom(promoted, other, object) || madeFrom(left, object, other)) {
            return Optional.empty();
        }
        if (bytesRead + object.size() > MOST_READ) {
            return Optional.of(There.UNKNOWN);
        }
        bytesRead += object.size();
        return ObjectBytes.of(left.store(), object.uri()).equals(ObjectBytes.of(promoted.store(), other.uri()))
                ? Optional.empty()
                : Optional.of(There.ANOTHER);
    }

    /** Whether a copier has noted on an object that it is a copy of the other one, whose tag differs. */
    private static boolean madeFrom(Side at, ObjectInfo copy, ObjectInfo original) {
        return at.store()
                .bulk()
                .parts()
                .flatMap(uploads -> uploads.madeFrom(copy.uri()))
                .filter(original.etag()::equals)
                .isPresent();
    }

    private Entry entry(ObjectInfo object, There found) throws IOException {
        return new Entry(
                object.uri(),
                object.size(),
                object.etag(),
                object.lastModified(),
                recoveredTo.filter(object.lastModified()::isBefore).isPresent(),
                found,
                found == There.NOTHING ? Optional.empty() : Optional.of(keep(object)));
    }

    /** Under its tag, so that what another run has kept is found, and another object of the same key is kept too. */
    private ObjectUri keep(ObjectInfo object) throws IOException {
        ObjectUri at = new ObjectUri(
                object.uri().bucket(),
                OWN + "objects/" + left.prefix().key() + "aside/epoch-" + epoch + "/" + object.etag() + "/"
                        + left.below(object));
        boolean isKept = left.store()
                .head(at)
                .filter(info -> info.size() == object.size())
                .isPresent();
        if (!isKept && !CopyAside.copy(left.store(), object, at)) {
            throw new IOException(
                    object.uri() + " is listed, and is gone: something removes objects of a region that" + " was left");
        }
        return at;
    }
}
