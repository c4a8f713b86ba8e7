package io.breakwater.controller.core;

import io.breakwater.controller.fence.AclCluster;
import io.breakwater.controller.runbook.SimulatedRuns.Pause;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.SortedSet;
import java.util.TreeSet;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * A broker that only ACLs close. They outlive its restarts, carry no epoch, and are made and taken away one after the
 * other, so that who does it can die half-way.
 */
final class SimAclBroker extends SimBroker {

    private static final int ID = 1;

    private final Random random;
    private final Runnable onOpened;
    private boolean ingressDenied;
    private boolean pipelineDenied;
    private boolean labelled;

    /** @param onOpened called when ACLs were taken away */
    SimAclBroker(String region, boolean closed, Random random, Runnable onOpened) {
        super(region);
        this.random = random;
        this.onOpened = onOpened;
        this.ingressDenied = closed;
        this.pipelineDenied = closed;
        this.labelled = closed;
    }

    @Override
    boolean acceptsWrites(double time) {
        return isAlive() && !isClosed();
    }

    boolean isClosed() {
        return ingressDenied && pipelineDenied;
    }

    /** As a controller has it at its end of the network. */
    AclCluster cluster(Pause pause) {
        return new Reached(pause);
    }

    private final class Reached implements AclCluster {
        private final Pause pause;

        Reached(Pause pause) {
            this.pause = pause;
        }

        @Override
        public String region() {
            return region;
        }

        @Override
        public boolean stands() {
            reached();
            return isClosed();
        }

        @Override
        public boolean hasRemains() {
            reached();
            return labelled;
        }

        @Override
        public Closing close(Instant deadline) throws InterruptedException {
            reached();
            labelled = true;
            pipelineDenied = true;
            takeTime();
            ingressDenied = true;
            takeTime();
            return random.nextInt(20) > 0 && isClosed()
                    ? new Closing.Closed(new TreeSet<>(List.of(ID)), new TreeSet<>(), 2, List.of())
                    : new Closing.NotClosed("its ACLs were changed meanwhile");
        }

        @Override
        public SortedSet<Integer> open(Gate gate, Instant deadline) throws InterruptedException {
            reached();
            if (labelled) {
                if (random.nextInt(4) == 0) {
                    // It stands still between what it was allowed and what it does.
                    pause.of(Duration.ofSeconds(random.nextInt(40)));
                }
                takeTime();
                pipelineDenied = false;
                if (gate == Gate.ingress) {
                    ingressDenied = false;
                    labelled = false;
                }
                onOpened.run();
            }
            return random.nextInt(20) > 0 ? new TreeSet<>() : new TreeSet<>(List.of(ID));
        }

        private void takeTime() throws InterruptedException {
            pause.of(Duration.ofMillis(200 + random.nextInt(1500)));
            reached();
        }

        private void reached() {
            if (!isAlive() || isCutOff()) {
                throw new TimeoutException(region + " does not answer");
            }
        }
    }
}
