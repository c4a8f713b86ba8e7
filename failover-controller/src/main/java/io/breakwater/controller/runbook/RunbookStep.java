package io.breakwater.controller.runbook;

/**
 * One idempotent piece of an operation. It blocks, on a worker thread of its own; it may be run again after a failure
 * or by the next leader, also when an earlier run did all or half of its work. It looks at {@link
 * StepContext#deadline()} in waits, and lets {@link InterruptedException} through: the node has lost the lead.
 * Anything else that it throws counts as {@link StepOutcome.Failed}.
 */
public interface RunbookStep {

    /** As runbooks name it. */
    String id();

    StepOutcome run(StepContext context) throws InterruptedException;
}
