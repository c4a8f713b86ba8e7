/**
 * The local platform: two regions and a witness on one machine, and what must hold before it starts.
 * May import {@code process}, {@code server}, {@code io.breakwater.platform} and {@code io.breakwater.region}.
 */
@NullMarked
package io.breakwater.local;

import org.jspecify.annotations.NullMarked;
