/**
 * What a region that was left holds alone: of a table whose log has gone on in both regions, the fence that ends it there,
 * what it has beyond the common ancestor, and the way back; of a prefix, its objects. It may import the vocabulary, {@code io.breakwater.region} and Delta
 * Kernel; it decides nothing.
 */
@NullMarked
package io.breakwater.region.fork;

import org.jspecify.annotations.NullMarked;
