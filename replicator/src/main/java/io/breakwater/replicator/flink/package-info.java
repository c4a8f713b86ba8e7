/**
 * The savepoint mirror: takes savepoints in the source region and makes them restorable in the standby.
 * It may import the rest of the replicator, the vocabulary, the clients of a region and Connect's API, but no Flink.
 */
@NullMarked
package io.breakwater.replicator.flink;

import org.jspecify.annotations.NullMarked;
