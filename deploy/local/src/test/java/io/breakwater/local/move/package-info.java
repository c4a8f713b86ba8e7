/**
 * A move of a group as large as Breakwater promises, on a real broker and through the real Raft log.
 * It may import everything.
 */
@NullMarked
package io.breakwater.local.move;

import org.jspecify.annotations.NullMarked;
