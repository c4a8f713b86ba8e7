package io.breakwater.verification.objects;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.Json;
import io.breakwater.platform.ReplicaPosition;
import io.breakwater.platform.ReplicaPosition.Carried;
import io.breakwater.region.ObjectListing;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStore.ObjectInfo;
import io.breakwater.region.ObjectStoreException;
import io.breakwater.region.ObjectTally;
import io.breakwater.region.ObjectUri;
import io.breakwater.verification.AssetVerifier;
import io.breakwater.verification.VerificationRequest;
import io.breakwater.verification.VerificationResult;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Verifies the replica of a prefix. By itself: it has as many objects and bytes as were announced, or more, because
 * others write there after a promotion; and some of its objects are read and held against their tags. With the source:
 * each object that the source had at the position's time is there, with the same size and tag, or, where tags say
 * nothing of each other, the same bytes. Both listings are read page by page.
 */
public final class PrefixVerifier implements AssetVerifier {

    private static final int MOST_DIFFERENCES = 20;

    /** Where what Breakwater notes itself lies in a bucket. */
    private static final String OWN = "_breakwater/";

    @Override
    public String kind() {
        return AssetSpec.S3_PREFIX;
    }

    @Override
    public VerificationResult verify(VerificationRequest request) throws InterruptedException {
        ReplicaPosition position = request.position();
        if (position.location().isEmpty() || position.carried().isEmpty()) {
            return new VerificationResult.Unverifiable(
                    "the position of " + request.asset() + " does not say what is where");
        }
        Side replica = new Side(
                request.clients().objectStore(request.flow().to()),
                ObjectUri.parse(position.location().get()));
        Differences differences = new Differences();
        ObjectNode figures = Json.MAPPER.createObjectNode();
        try {
            compareWithAnnounced(replica, position.carried().get(), figures, differences);
            if (request.compareSource()) {
                Side source = new Side(
                        request.clients().objectStore(request.flow().from()),
                        ObjectUri.parse(request.platform()
                                .region(request.flow().from())
                                .objectStore()
                                .locate(request.spec().required("prefix"))));
                boolean keeps =
                        request.spec().setting("changed").filter("keep"::equals).isPresent();
                new SourceComparison(source, replica, position.sourceTime(), keeps).run(figures, differences);
            }
        } catch (ObjectStoreException | IOException e) {
            return new VerificationResult.Unverifiable(String.valueOf(e.getMessage()));
        }
        figures.put("sourceCompared", request.compareSource());
        return differences.none() ? new VerificationResult.Verified(figures) : differences.mismatch();
    }

    /** Where objects lie. */
    record Side(ObjectStore store, ObjectUri prefix) {

        ObjectListing listing() {
            return new ObjectListing(store, prefix, "");
        }

        String below(ObjectInfo info) {
            return info.uri().key().substring(prefix.key().length());
        }
    }

    static boolean isOwn(ObjectInfo info) {
        return info.uri().key().startsWith(OWN);
    }

    /** Differences, of which the first are kept. */
    static final class Differences {
        private final List<String> first = new ArrayList<>();
        private int count;

        void add(String difference) {
            if (first.size() < MOST_DIFFERENCES) {
                first.add(difference);
            }
            count++;
        }

        boolean none() {
            return count == 0;
        }

        VerificationResult mismatch() {
            List<String> said = new ArrayList<>(first);
            if (count > first.size()) {
                said.add("and " + (count - first.size()) + " more");
            }
            return new VerificationResult.Mismatch(said);
        }
    }

    private static void compareWithAnnounced(
            Side replica, Carried announced, ObjectNode figures, Differences differences) throws IOException {
        ObjectTally tally = new ObjectTally();
        ReadSample sample = new ReadSample(replica.store(), announced.files());
        ObjectListing listing = replica.listing();
        for (Optional<ObjectInfo> next = listing.peek(); next.isPresent(); next = listing.peek()) {
            if (!isOwn(next.get())) {
                tally.add(replica.below(next.get()), next.get().size());
                sample.offer(next.get());
            }
            listing.advance();
        }
        figures.put("objects", tally.objects()).put("bytes", tally.bytes());
        figures.put("asAnnounced", tally.digest().equals(announced.digest()));
        figures.put("objectsRead", sample.read()).put("heldAgainstTags", sample.comparedWithTags());
        sample.differences().forEach(differences::add);
        if (tally.objects() < announced.files() || tally.bytes() < announced.bytes()) {
            differences.add(replica.prefix() + ": " + announced.files() + " objects of " + announced.bytes()
                    + " bytes were announced, there are " + tally.objects() + " of " + tally.bytes());
        }
    }
}
