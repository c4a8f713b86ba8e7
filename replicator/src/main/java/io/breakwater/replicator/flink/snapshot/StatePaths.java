package io.breakwater.replicator.flink.snapshot;

import io.breakwater.region.ObjectUri;

/** How a snapshot's metadata writes where a file of state is, and which object that means. Thread-safe. */
public interface StatePaths {

    /** Objects of S3 under their own names. */
    StatePaths S3 = new StatePaths() {
        @Override
        public ObjectUri object(String path) {
            return ObjectUri.parse(path);
        }

        @Override
        public String path(ObjectUri object) {
            return object.toString();
        }
    };

    /** @throws IllegalArgumentException if the path means no object of the stores that are known */
    ObjectUri object(String path);

    /** The path by which Flink opens the object. */
    String path(ObjectUri object);
}
