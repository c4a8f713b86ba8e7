/**
 * That at most one region accepts writes, on real brokers and real controller nodes, whatever is killed, stopped
 * or cut off, or has no room left on its disk. It may import everything.
 */
@NullMarked
package io.breakwater.local.active;

import org.jspecify.annotations.NullMarked;
