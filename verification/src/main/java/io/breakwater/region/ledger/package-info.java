/**
 * The loss ledger: what a cluster holds beyond the end of what was mirrored, as files with a manifest. Whoever makes,
 * verifies or reads one does it here. It may import the vocabulary, {@code io.breakwater.region} and Kafka's clients.
 */
@NullMarked
package io.breakwater.region.ledger;

import org.jspecify.annotations.NullMarked;
