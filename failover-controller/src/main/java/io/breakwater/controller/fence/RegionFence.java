package io.breakwater.controller.fence;

import io.breakwater.controller.core.Gate;
import io.breakwater.controller.runbook.Preview;
import io.breakwater.controller.runbook.StepContext;
import io.breakwater.controller.runbook.StepOutcome;

/**
 * Closes and opens the Kafka cluster of one region: one implementation for each kind of {@link
 * io.breakwater.platform.FenceSpec}, chosen by {@link RegionFences}. Each may be called again after it did all or half of
 * its work, also by another node.
 */
public interface RegionFence {

    /** What {@link #close} would do, in a sentence; nothing is done or asked. */
    String preview(Preview preview, String region);

    /**
     * Of the region that is left. Done only when the control state says that nothing more is accepted there: {@code
     * lease.lapsed}.
     */
    StepOutcome close(StepContext context) throws InterruptedException;

    /** Of the promoted region, after {@code GateOpened} was accepted: done when its brokers let these writers in. */
    StepOutcome open(StepContext context, Gate gate) throws InterruptedException;
}
