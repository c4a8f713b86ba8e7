package io.breakwater.region;

import io.breakwater.region.ObjectStore.ObjectInfo;

/** A copy that the provider makes by itself. Thread-safe; fails as {@link ObjectStore} does. */
public interface ServerSideCopy {

    /**
     * Copies the object that {@code source} describes; refused if it has changed since. What stands at {@code to} is
     * replaced.
     *
     * @return the tag of what was written, as in {@link ObjectInfo#etag}
     */
    String copy(ObjectInfo source, ObjectUri to);
}
