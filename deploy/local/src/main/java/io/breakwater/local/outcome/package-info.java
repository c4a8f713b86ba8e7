/**
 * What a failover kept and what it did not, computed from the workload's journals and from what is on the servers.
 * The computations are pure; {@link io.breakwater.local.outcome.OutcomeReader} reads what they need. Nothing here uses
 * the replicator's or the controller's code. It may import {@code io.breakwater.platform}, {@code io.breakwater.region},
 * the local packages {@code journal} and {@code flights}, Kafka's clients and Delta Kernel.
 */
@NullMarked
package io.breakwater.local.outcome;

import org.jspecify.annotations.NullMarked;
