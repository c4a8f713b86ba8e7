package io.breakwater.region;

import io.breakwater.region.ObjectStore.ObjectInfo;
import io.breakwater.region.ObjectStore.ObjectPage;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * The objects below a prefix, in key order, asked for page by page: at most one page is in memory. If the store fails,
 * nothing is lost: the next call asks for the same page again. For one thread.
 *
 * <p>The order is that of the keys' UTF-8 bytes, which is <a
 * href="https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html">S3's</a>. A store that lists in another
 * one is refused: two such listings can't be held against each other without all of them in memory.
 */
public final class ObjectListing {

    private final ObjectStore store;
    private final ObjectUri prefix;
    private final Deque<ObjectInfo> page = new ArrayDeque<>();
    private String last;
    private boolean ended;

    /** @param startAfterKey objects up to this key are left out; empty for none */
    public ObjectListing(ObjectStore store, ObjectUri prefix, String startAfterKey) {
        this.store = store;
        this.prefix = prefix;
        this.last = startAfterKey;
    }

    /**
     * The next object, which stays the next. Empty at the end.
     *
     * @throws ObjectStoreException if the store fails, or lists in another order
     */
    public Optional<ObjectInfo> peek() {
        if (page.isEmpty() && !ended) {
            ObjectPage next = store.page(prefix, last);
            String previous = last;
            for (ObjectInfo info : next.objects()) {
                if (compare(previous, info.uri().key()) >= 0) {
                    throw new ObjectStoreException(
                            ObjectStoreException.Reason.REFUSED,
                            false,
                            "list " + prefix + ": '" + info.uri().key() + "' comes after '" + previous
                                    + "', which is not the order of the keys' bytes; such a store's listings can't be"
                                    + " compared page by page",
                            null);
                }
                previous = info.uri().key();
            }
            page.addAll(next.objects());
            last = previous;
            ended = next.last();
        }
        return Optional.ofNullable(page.peek());
    }

    /** Goes past the object that {@link #peek} tells. */
    public void advance() {
        page.remove();
    }

    /** The order of the keys' UTF-8 bytes: that of strings, but for characters beyond the first 65,536. */
    public static int compare(String one, String other) {
        int common = Math.min(one.length(), other.length());
        for (int i = 0; i < common; i++) {
            char a = one.charAt(i);
            char b = other.charAt(i);
            if (a != b) {
                boolean beyond = Character.isSurrogate(a);
                return beyond == Character.isSurrogate(b) ? Character.compare(a, b) : (beyond ? 1 : -1);
            }
        }
        return Integer.compare(one.length(), other.length());
    }
}
