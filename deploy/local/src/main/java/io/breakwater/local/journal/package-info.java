/**
 * What the workload saw and when, in append-only files, so that an outcome can be computed from them.
 * It may import {@code io.breakwater.platform} only.
 */
@NullMarked
package io.breakwater.local.journal;

import org.jspecify.annotations.NullMarked;
