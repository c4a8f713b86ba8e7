package io.breakwater.controller.consensus;

import io.breakwater.controller.core.ControlState;
import io.breakwater.controller.core.Reply;
import java.util.List;

/**
 * The file of a Raft snapshot, as JSON.
 *
 * @param recent the newest commands' replies, oldest first, so that a repeated one takes effect once also after it
 */
record Snapshot(ControlState state, List<Answered> recent) {

    record Answered(String command, Reply reply) {}
}
