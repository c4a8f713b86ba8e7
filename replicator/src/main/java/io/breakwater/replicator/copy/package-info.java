/**
 * Copying objects from one region's store to another's, compared on arrival.
 * It may import {@code io.breakwater.region}; what the objects mean is not its business.
 */
@NullMarked
package io.breakwater.replicator.copy;

import org.jspecify.annotations.NullMarked;
