package io.breakwater.controller.core;

import java.time.Duration;
import java.util.Map;

/**
 * What only the leader knows, from its own monotonic clock and its own platform file.
 *
 * @param settings of its platform file; the nodes are those of the Raft group
 * @param quiet by group, how long ago it applied the last renewal of the lease that it saw, at most the time since it
 *     became the leader; a group that is not in it has just been renewed
 */
public record LeaderFacts(Settings settings, Map<String, Duration> quiet) {

    public LeaderFacts {
        quiet = Map.copyOf(quiet);
    }
}
