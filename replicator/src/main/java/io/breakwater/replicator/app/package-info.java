/**
 * The replicator as a process: a Connect worker of one region, and the connectors of the platform file on it.
 * It may import everything of the replicator, {@code .platform}, {@code .region}, and Connect's runtime.
 */
@NullMarked
package io.breakwater.replicator.app;

import org.jspecify.annotations.NullMarked;
