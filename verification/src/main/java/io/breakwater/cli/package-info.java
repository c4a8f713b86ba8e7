/**
 * What the commands of all parts share: how an answer looks on a terminal. It knows nothing of what is answered.
 * It may import the JDK.
 */
@NullMarked
package io.breakwater.cli;

import org.jspecify.annotations.NullMarked;
