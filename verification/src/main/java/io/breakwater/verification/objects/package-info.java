/**
 * Verifies replicas of prefixes: listings held against each other and against what was announced, and objects read.
 * It may import {@code io.breakwater.verification}, {@code io.breakwater.platform} and {@code io.breakwater.region}.
 */
@NullMarked
package io.breakwater.verification.objects;

import org.jspecify.annotations.NullMarked;
