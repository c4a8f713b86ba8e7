package io.breakwater.controller.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.controller.app.ControlPlane;
import io.breakwater.controller.core.ControlEvent;
import io.breakwater.controller.core.ControlEvent.LeaseRenewal;
import io.breakwater.controller.core.EvidenceEntry;
import io.breakwater.controller.core.GroupState;
import io.breakwater.controller.core.RefusedCommand;
import io.breakwater.controller.core.Reply;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Proposes what requests ask for, with its entry of the evidence log. Thread-safe; nothing blocks. */
final class LoggedProposals {

    private static final long PROPOSAL_SECONDS = 10;

    private final ControlPlane control;
    private final Clock clock;

    LoggedProposals(ControlPlane control, Clock clock) {
        this.control = control;
        this.clock = clock;
    }

    /**
     * Fails with a problem if it is refused, and as unavailable if it is not answered in time. A refused command of a
     * person leaves its trace in the evidence log before it is answered; if that gets no answer, the refusal is told
     * all the same.
     */
    CompletionStage<Reply> propose(ControlEvent event) {
        return answer(event)
                .thenCompose(reply -> reply instanceof Reply.Refused refused && !(event instanceof LeaseRenewal)
                        ? answer(RefusedCommand.trace(clock.instant(), event, refused))
                                .handle((traced, silence) -> reply)
                        : CompletableFuture.completedFuture(reply))
                .handle(LoggedProposals::accepted);
    }

    private CompletableFuture<Reply> answer(ControlEvent event) {
        return control.propose(event).toCompletableFuture().copy().orTimeout(PROPOSAL_SECONDS, TimeUnit.SECONDS);
    }

    private static Reply accepted(@Nullable Reply reply, @Nullable Throwable failure) {
        if (reply == null) {
            throw new ControlRequests.UnavailableException(
                    failure == null ? new IllegalStateException("an empty answer") : failure);
        }
        if (reply instanceof Reply.Refused refused) {
            throw new ProblemException(Problem.refused(refused.denials()));
        }
        return reply;
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
