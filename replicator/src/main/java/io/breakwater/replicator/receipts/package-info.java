/**
 * Writing receipts from a source connector.
 * It may import {@code io.breakwater.platform} and Connect's API.
 */
@NullMarked
package io.breakwater.replicator.receipts;

import org.jspecify.annotations.NullMarked;
