/**
 * What all connectors of the replicator share: the configuration of a flow.
 * It may import {@code io.breakwater.platform}, {@code io.breakwater.region} and Connect's API.
 */
@NullMarked
package io.breakwater.replicator;

import org.jspecify.annotations.NullMarked;
