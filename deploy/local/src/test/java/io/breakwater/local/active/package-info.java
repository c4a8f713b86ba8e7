/**
 * That at most one region accepts writes, on real brokers and real controller nodes, whatever is killed or stopped.
 * It may import everything.
 */
@NullMarked
package io.breakwater.local.active;

import org.jspecify.annotations.NullMarked;
