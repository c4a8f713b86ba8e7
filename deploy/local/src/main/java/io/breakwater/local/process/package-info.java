/**
 * Processes of the local platform: starting, awaiting, killing them, ports, and that none is left behind.
 * Knows nothing of any particular server; imports only the JDK.
 */
@NullMarked
package io.breakwater.local.process;

import org.jspecify.annotations.NullMarked;
