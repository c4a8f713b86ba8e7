/**
 * What this node sees of each region: signals, each behind a circuit breaker, and the verdict that follows from them.
 * It may import {@code io.breakwater.controller.core}, the vocabulary, the clients of a region and Resilience4j.
 */
@NullMarked
package io.breakwater.controller.signal;

import org.jspecify.annotations.NullMarked;
