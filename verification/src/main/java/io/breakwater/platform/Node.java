package io.breakwater.platform;

import java.util.Optional;

/**
 * A controller node.
 *
 * @param region where it stands; empty for a witness
 * @param raft host and port of its Raft server
 * @param http host and port of its REST API
 */
public record Node(String id, Optional<String> region, HostPort raft, HostPort http) {}
