/**
 * The verifier of Flink jobs: opens savepoints on the standby with Flink's own reader of their metadata.
 * It may import Flink's runtime, {@code io.breakwater.platform} and {@code io.breakwater.region}.
 */
@NullMarked
package io.breakwater.verification.flink;

import org.jspecify.annotations.NullMarked;
