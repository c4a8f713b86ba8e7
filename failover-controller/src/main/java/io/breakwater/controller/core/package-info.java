/**
 * Everything that decides: state, events, effects and the machine between them. Pure: no I/O, thread, clock, randomness.
 * It may import {@code io.breakwater.platform} and Jackson's annotations and tree, nothing else.
 */
@NullMarked
package io.breakwater.controller.core;

import org.jspecify.annotations.NullMarked;
