package io.breakwater.controller.runbook;

import io.breakwater.controller.core.ControlEvent;
import io.breakwater.controller.core.ControlState;
import io.breakwater.controller.core.Reply;
import java.util.concurrent.CompletionStage;

/** What the runner needs of consensus. */
public interface Consensus {

    /** As applied on this node. */
    ControlState state();

    /** @param commandId the same for each repetition of a proposal that was not answered */
    CompletionStage<Reply> propose(String commandId, ControlEvent event);
}
