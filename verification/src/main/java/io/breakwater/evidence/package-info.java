/**
 * The evidence log: what Breakwater decided and did, as a Merkle log in C2SP tlog-tiles form, signed, published, audited.
 * What an entry says is its writer's business: here it is bytes, but for a detail that comes in parts.
 * It may import of {@code io.breakwater.region} only the object store.
 */
@NullMarked
package io.breakwater.evidence;

import org.jspecify.annotations.NullMarked;
