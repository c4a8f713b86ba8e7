/**
 * Whether a table's replica equals its source: read through Delta Kernel, held against the raw log and the objects.
 * It may import {@code io.breakwater.verification}, {@code io.breakwater.region}, Delta Kernel
 * and Delta Standalone.
 */
@NullMarked
package io.breakwater.verification.delta;

import org.jspecify.annotations.NullMarked;
