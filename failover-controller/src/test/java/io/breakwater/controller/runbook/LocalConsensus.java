package io.breakwater.controller.runbook;

import io.breakwater.controller.core.ControlEvent;
import io.breakwater.controller.core.ControlMachine;
import io.breakwater.controller.core.ControlState;
import io.breakwater.controller.core.Reply;
import io.breakwater.controller.core.Transition;
import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Consensus of one: the real machine, with answers that can be lost. */
final class LocalConsensus implements Consensus {

    private final Map<String, Reply> recent = new HashMap<>();
    private final List<ControlEvent> accepted = new CopyOnWriteArrayList<>();
    private final AtomicInteger answersToLose = new AtomicInteger();
    private ControlState state = ControlState.EMPTY;

    /** The next so many proposals take effect, but their proposer hears nothing of it. */
    void loseAnswers(int count) {
        answersToLose.set(count);
    }

    @Override
    public synchronized ControlState state() {
        return state;
    }

    @Override
    public synchronized CompletionStage<Reply> propose(String commandId, ControlEvent event) {
        Reply reply = recent.get(commandId);
        if (reply == null) {
            Transition transition = ControlMachine.step(state, event, Instant.now());
            state = transition.state();
            reply = transition.reply();
            recent.put(commandId, reply);
            if (!reply.isRefused()) {
                accepted.add(event);
            }
        }
        return answersToLose.getAndUpdate(n -> Math.max(0, n - 1)) > 0
                ? CompletableFuture.failedFuture(new IOException("the answer is lost"))
                : CompletableFuture.completedFuture(reply);
    }

    List<ControlEvent> accepted() {
        return accepted;
    }
}
