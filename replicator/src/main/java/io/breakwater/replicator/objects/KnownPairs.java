package io.breakwater.replicator.objects;

import io.breakwater.region.ObjectStore.ObjectInfo;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Objects whose tags say nothing of each other, such as those that were uploaded in parts, and what a comparison said of
 * them: so that it is made once and not in each pass. The latest are kept, some 10 MB of them. For one thread.
 */
final class KnownPairs {

    private static final int MOST = 50_000;

    private final Map<String, Boolean> known = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > MOST;
        }
    };

    /** Whether they are equal; empty if nobody has compared them. */
    Optional<Boolean> equal(ObjectInfo one, ObjectInfo other) {
        return Optional.ofNullable(known.get(pair(one, other)));
    }

    void compared(ObjectInfo one, ObjectInfo other, boolean equal) {
        known.put(pair(one, other), equal);
    }

    private static String pair(ObjectInfo one, ObjectInfo other) {
        return one.etag() + " " + one.size() + " " + other.etag() + " " + other.size() + " "
                + one.uri().key();
    }
}
