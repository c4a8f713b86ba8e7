/**
 * Runbooks, the SPI of their steps, and the runner, which only a leader runs.
 * It may import {@code io.breakwater.controller.core}, the vocabulary and the clients of a region.
 */
@NullMarked
package io.breakwater.controller.runbook;

import org.jspecify.annotations.NullMarked;
