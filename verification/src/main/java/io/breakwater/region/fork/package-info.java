/**
 * A table whose log has gone on in both regions: the fence that ends it in the region that was left, what that region
 * has beyond the common ancestor, and the way back. It may import the vocabulary, {@code io.breakwater.region} and Delta
 * Kernel; it decides nothing.
 */
@NullMarked
package io.breakwater.region.fork;

import org.jspecify.annotations.NullMarked;
