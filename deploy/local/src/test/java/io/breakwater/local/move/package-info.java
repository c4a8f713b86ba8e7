/**
 * Moves on real brokers: of a group as large as Breakwater promises, and what is to be seen after several.
 * It may import everything.
 */
@NullMarked
package io.breakwater.local.move;

import org.jspecify.annotations.NullMarked;
