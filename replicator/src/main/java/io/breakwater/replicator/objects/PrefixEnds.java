package io.breakwater.replicator.objects;

import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectUri;
import io.breakwater.replicator.copy.ObjectCopier;

/**
 * A prefix and its replica. The stores and the copier stay whoever's made them.
 *
 * @param copier from the source's store to the target's, one that replaces nothing
 */
record PrefixEnds(
        ObjectStore sourceStore, ObjectUri source, ObjectStore targetStore, ObjectUri target, ObjectCopier copier) {

    /** The place on the standby of an object of the source. */
    ObjectUri target(ObjectUri object) {
        return new ObjectUri(target.bucket(), target.key() + below(object));
    }

    /** The key without the prefix. */
    String below(ObjectUri object) {
        return object.key().substring(source.key().length());
    }
}
