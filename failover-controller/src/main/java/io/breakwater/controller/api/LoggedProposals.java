package io.breakwater.controller.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.controller.app.ControlPlane;
import io.breakwater.controller.core.ControlEvent;
import io.breakwater.controller.core.EvidenceEntry;
import io.breakwater.controller.core.GroupState;
import io.breakwater.controller.core.Reply;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** Proposes what requests ask for, with its entry of the evidence log. Thread-safe; nothing blocks. */
final class LoggedProposals {

    private static final long PROPOSAL_SECONDS = 10;

    private final ControlPlane control;
    private final Clock clock;

    LoggedProposals(ControlPlane control, Clock clock) {
        this.control = control;
        this.clock = clock;
    }

    /** Fails with a problem if it is refused, and as unavailable if it is not answered in time. */
    CompletionStage<Reply> propose(ControlEvent event) {
        CompletableFuture<Reply> answered =
                control.propose(event).toCompletableFuture().copy().orTimeout(PROPOSAL_SECONDS, TimeUnit.SECONDS);
        return answered.handle((reply, failure) -> {
            if (failure != null) {
                throw new ControlRequests.UnavailableException(failure);
            }
            if (reply instanceof Reply.Refused refused) {
                throw new ProblemException(Problem.refused(refused.denials()));
            }
            return reply;
        });
    }

    List<String> entries(String kind, String group, Optional<String> operation, ObjectNode detail) {
        return new EvidenceEntry(
                        clock.instant(),
                        kind,
                        group,
                        control.state().group(group).map(GroupState::epoch),
                        operation,
                        Optional.empty(),
                        detail)
                .texts();
    }
}
