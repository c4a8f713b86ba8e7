package io.breakwater.controller.consensus;

import io.breakwater.platform.HostPort;
import io.breakwater.platform.Node;

/**
 * A node as the Raft group knows it.
 *
 * @param raft host and port of its Raft server
 */
public record Member(String id, HostPort raft) {

    public static Member of(Node node) {
        return new Member(node.id(), node.raft());
    }
}
