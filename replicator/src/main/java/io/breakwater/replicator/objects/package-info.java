/**
 * Objects below prefixes of a bucket: the mirror that copies what is new there, and never touches what stands.
 * It may import {@code copy}, {@code receipts}, {@code io.breakwater.region} and Connect's API.
 */
@NullMarked
package io.breakwater.replicator.objects;

import org.jspecify.annotations.NullMarked;
