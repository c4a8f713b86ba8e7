/**
 * The vocabulary: regions, groups, assets, positions, receipts, and the platform file as validated records.
 * Everything else may import it; it imports no client of any server.
 */
@NullMarked
package io.breakwater.platform;

import org.jspecify.annotations.NullMarked;
