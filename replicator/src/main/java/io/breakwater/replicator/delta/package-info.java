/**
 * Delta tables: the mirror that seeds a replica and follows its source commit by commit, data before log.
 * It may import {@code copy}, {@code receipts}, {@code io.breakwater.region}, Connect's API and Delta Kernel.
 */
@NullMarked
package io.breakwater.replicator.delta;

import org.jspecify.annotations.NullMarked;
