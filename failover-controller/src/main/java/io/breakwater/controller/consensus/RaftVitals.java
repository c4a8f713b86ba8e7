package io.breakwater.controller.consensus;

import java.time.Duration;
import java.util.OptionalLong;

/**
 * What is known of this node's part in consensus.
 *
 * @param freeBytes where the Raft log is; empty if the file system does not say
 * @param longPauses how often the process stood still for {@link RaftKeeper#LONG_PAUSE} or more, since its start
 * @param longestPause of these; zero if there was none
 */
public record RaftVitals(RaftHealth health, OptionalLong freeBytes, int longPauses, Duration longestPause) {}
