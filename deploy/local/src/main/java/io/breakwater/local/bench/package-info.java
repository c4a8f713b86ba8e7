/**
 * Benchmarks: rounds, medians, one JSON object a line.
 * May import {@code quickstart} and what lies below it, and for its tables {@code flights}, Delta Standalone and Parquet.
 */
@NullMarked
package io.breakwater.local.bench;

import org.jspecify.annotations.NullMarked;
