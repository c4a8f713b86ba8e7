/**
 * The steps that runbooks are made of.
 * It may import the runner's SPI, {@code io.breakwater.controller.core}, the vocabulary and the clients of a region.
 */
@NullMarked
package io.breakwater.controller.runbook.steps;

import org.jspecify.annotations.NullMarked;
