/**
 * The quickstart: a failover from end to end on the local platform, its timeline, checks and result file.
 * May import everything of {@code io.breakwater.local}; nothing imports it but the benchmarks.
 */
@NullMarked
package io.breakwater.local.quickstart;

import org.jspecify.annotations.NullMarked;
