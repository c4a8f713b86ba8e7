/**
 * Benchmarks: rounds, medians, one JSON object a line.
 * May import {@code quickstart} and what lies below it.
 */
@NullMarked
package io.breakwater.local.bench;

import org.jspecify.annotations.NullMarked;
