package io.breakwater.controller.runbook;

import io.breakwater.controller.core.ControlEvent;
import io.breakwater.controller.core.Reply;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Proposes an event until it is answered: a proposal without an answer may or may not have taken effect. */
final class Proposer {

    private static final Logger LOG = LoggerFactory.getLogger(Proposer.class);
    private static final long ANSWER_SECONDS = 30;
    private static final long AGAIN_MILLIS = 250;

    private final Consensus consensus;

    Proposer(Consensus consensus) {
        this.consensus = consensus;
    }

    /** @throws InterruptedException if the thread was told to stop: the node has lost the lead */
    Reply propose(ControlEvent event) throws InterruptedException {
        String commandId = UUID.randomUUID().toString();
        while (true) {
            try {
                return consensus.propose(commandId, event).toCompletableFuture().get(ANSWER_SECONDS, TimeUnit.SECONDS);
            } catch (ExecutionException | TimeoutException e) {
                LOG.info("event={} proposed again: {}", event.getClass().getSimpleName(), e.toString());
                TimeUnit.MILLISECONDS.sleep(AGAIN_MILLIS);
            }
        }
    }
}
