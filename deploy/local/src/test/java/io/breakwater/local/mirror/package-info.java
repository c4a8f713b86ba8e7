/**
 * The Kafka flow between two real clusters: mirror, positions, fence, loss ledger.
 * It may import everything.
 */
@NullMarked
package io.breakwater.local.mirror;

import org.jspecify.annotations.NullMarked;
