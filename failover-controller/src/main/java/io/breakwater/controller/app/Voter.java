package io.breakwater.controller.app;

import io.breakwater.controller.core.ControlEvent;
import io.breakwater.controller.signal.RegionAssessor;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Votes what this node sees of the regions: every second, and at once when it has changed. One thread. */
final class Voter implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(Voter.class);
    private static final long EVERY_MILLIS = 1000;
    private static final long ANSWER_MILLIS = 3000;

    private final ControlPlane plane;
    private final RegionAssessor assessor;
    private final Semaphore changed = new Semaphore(0);

    Voter(ControlPlane plane, RegionAssessor assessor) {
        this.plane = plane;
        this.assessor = assessor;
        assessor.onChange(changed::release);
    }

    @Override
    public void run() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                vote();
                changed.tryAcquire(EVERY_MILLIS, TimeUnit.MILLISECONDS);
                changed.drainPermits();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void vote() throws InterruptedException {
        try {
            plane.propose(new ControlEvent.VerdictVoted(plane.node(), assessor.verdicts()))
                    .toCompletableFuture()
                    .get(ANSWER_MILLIS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("the vote was not answered; the next one follows", e);
        }
    }
}
