package io.breakwater.controller.runbook;

import java.util.List;

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

    /**
     * What is wrong with an entry of this step, each beginning with the key: {@code with.for: ...}. A step without
     * settings refuses any.
     */
    default List<String> check(Runbook.Entry entry) {
        return entry.with().keySet().stream()
                .sorted()
                .map(key -> "with." + key + ": step " + id() + " has no settings")
                .toList();
    }

    /** What it would do if the operation began now, in a sentence; nothing is done or asked of any server. */
    default String preview(Preview preview) {
        return "runs on flow " + preview.flow() + " in epoch " + preview.epoch();
    }
}
