package io.breakwater.controller.runbook;

import io.breakwater.controller.core.ControlEvent;
import io.breakwater.controller.core.RefusedCommand;
import io.breakwater.controller.core.Reply;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Proposes an event until it is answered: a proposal without an answer may or may not have taken effect. What is refused
 * because it is of an old epoch, or of an operation that is over, leaves its trace in the evidence log.
 */
final class Proposer {

    private static final Logger LOG = LoggerFactory.getLogger(Proposer.class);
    private static final Duration ANSWER = Duration.ofSeconds(30);
    private static final Duration AGAIN = Duration.ofMillis(250);

    private final Consensus consensus;
    private final Pace pace;

    Proposer(Consensus consensus, Pace pace) {
        this.consensus = consensus;
        this.pace = pace;
    }

    /** @throws InterruptedException if the thread was told to stop: the node has lost the lead */
    Reply propose(ControlEvent event) throws InterruptedException {
        Reply reply = answer(UUID.randomUUID().toString(), event);
        if (reply instanceof Reply.Refused refused && RefusedCommand.isStale(refused)) {
            answer(RefusedCommand.traceId(event), RefusedCommand.trace(pace.now(), event, refused));
        }
        return reply;
    }

    private Reply answer(String commandId, ControlEvent event) throws InterruptedException {
        while (true) {
            try {
                return pace.answer(consensus.propose(commandId, event), ANSWER);
            } catch (ExecutionException | TimeoutException e) {
                LOG.info("event={} proposed again: {}", event.getClass().getSimpleName(), e.toString());
                pace.pause(AGAIN);
            }
        }
    }
}
