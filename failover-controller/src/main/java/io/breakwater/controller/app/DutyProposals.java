package io.breakwater.controller.app;

import io.breakwater.controller.core.ControlEvent;
import io.breakwater.controller.core.RefusedCommand;
import io.breakwater.controller.core.Reply;
import io.breakwater.controller.runbook.Consensus;
import java.time.InstantSource;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Proposes what a duty of the leader has found. What is refused because it is of an old epoch leaves its trace in the
 * evidence log. Thread-safe.
 */
final class DutyProposals {

    private static final Logger LOG = LoggerFactory.getLogger(DutyProposals.class);
    private static final long ANSWER_SECONDS = 10;

    private final Consensus consensus;
    private final InstantSource clock;

    DutyProposals(Consensus consensus, InstantSource clock) {
        this.consensus = consensus;
        this.clock = clock;
    }

    /** Asks once, for 10 s at most. Without an answer the event may still take effect later. */
    Reply ask(ControlEvent event) throws InterruptedException, ExecutionException, TimeoutException {
        Reply reply = answer(UUID.randomUUID().toString(), event);
        if (reply instanceof Reply.Refused refused && RefusedCommand.isStale(refused)) {
            try {
                answer(RefusedCommand.traceId(event), RefusedCommand.trace(clock.instant(), event, refused));
            } catch (ExecutionException | TimeoutException e) {
                LOG.info(
                        "trace of a refused {} not answered: {}",
                        event.getClass().getSimpleName(),
                        e.toString());
            }
        }
        return reply;
    }

    private Reply answer(String commandId, ControlEvent event)
            throws InterruptedException, ExecutionException, TimeoutException {
        return consensus.propose(commandId, event).toCompletableFuture().get(ANSWER_SECONDS, TimeUnit.SECONDS);
    }
}
