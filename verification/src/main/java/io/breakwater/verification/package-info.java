/**
 * Whether a replica is what it says: the SPI of verifiers, one per kind of asset, and what they answer.
 * It may import {@code io.breakwater.platform} and {@code io.breakwater.region}, never the replicator.
 */
@NullMarked
package io.breakwater.verification;

import org.jspecify.annotations.NullMarked;
