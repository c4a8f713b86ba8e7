package io.breakwater.controller.runbook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.controller.core.ControlEvent;
import io.breakwater.controller.core.EvidenceEntry;
import io.breakwater.controller.core.Operation;
import io.breakwater.controller.core.Reply;
import io.breakwater.controller.core.StepResult;
import io.breakwater.controller.runbook.Runbook.OnFailure;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One operation on one leader, from the first step that is not done to the end. */
final class OperationRun implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(OperationRun.class);

    private final RunbookRunner.Means means;
    private final Proposer proposer;
    private final String id;

    OperationRun(RunbookRunner.Means means, String operation) {
        this.means = means;
        this.proposer = new Proposer(means.consensus(), means.pace());
        this.id = operation;
    }

    String operation() {
        return id;
    }

    @Override
    public void run() {
        try {
            Optional<Operation> operation = current();
            if (operation.isPresent()) {
                LogKeys.put(operation.get());
                run(operation.get());
            }
        } catch (InterruptedException e) {
            LOG.info("left to the next leader");
            Thread.currentThread().interrupt();
        }
    }

    /** Empty once it has ended, or belongs to an epoch that is over. */
    private Optional<Operation> current() {
        return means.consensus().state().operation(id).filter(Operation::isRunning);
    }

    private void run(Operation operation) throws InterruptedException {
        Runbook runbook = means.runbooks().get(operation.kind());
        if (runbook == null) {
            finish(operation, new StepResult.Failed("there is no runbook '" + operation.kind() + "' on this node"));
            return;
        }
        LOG.info("runbook {} runs", runbook.runbook());
        for (Runbook.Entry entry : runbook.steps()) {
            Optional<StepResult> result = untilDone(entry);
            if (result.isEmpty()) {
                return;
            }
            if (result.get() instanceof StepResult.Failed failed) {
                finish(operation, new StepResult.Failed("step " + entry.id() + ": " + failed.reason()));
                return;
            }
        }
        finish(operation, new StepResult.Succeeded());
    }

    /** Empty if the operation is no longer running. */
    private Optional<StepResult> untilDone(Runbook.Entry entry) throws InterruptedException {
        while (true) {
            Optional<Operation> operation = current();
            if (operation.isEmpty()) {
                return Optional.empty();
            }
            if (operation.get().isDone(entry.id())) {
                return Optional.of(new StepResult.Succeeded());
            }
            int attempt = operation.get().attempts(entry.id()) + 1;
            if (isRefused(new ControlEvent.StepBegan(id, operation.get().epoch(), entry.id(), attempt))) {
                return Optional.empty();
            }
            StepOutcome outcome = attempts(entry, operation.get());
            StepResult result = outcome instanceof StepOutcome.Failed failed
                    ? new StepResult.Failed(failed.reason())
                    : new StepResult.Succeeded();
            if (isRefused(ended(operation.get(), entry.id(), attempt, result, outcome))) {
                return Optional.empty();
            }
            if (result instanceof StepResult.Succeeded || !isBegunAgain(entry)) {
                return Optional.of(result);
            }
        }
    }

    private boolean isBegunAgain(Runbook.Entry entry) {
        boolean onlyForward =
                current().filter(o -> o.pointOfNoReturnAt().isPresent()).isPresent();
        return onlyForward && entry.onFailure().orElse(OnFailure.again) == OnFailure.again;
    }

    /** Runs the step again and again within its time. */
    private StepOutcome attempts(Runbook.Entry entry, Operation operation) throws InterruptedException {
        RunbookStep step = means.steps().get(entry.step());
        if (step == null) {
            return new StepOutcome.Failed("there is no step '" + entry.step() + "' on this node");
        }
        Instant deadline = means.pace().now().plus(entry.timeout());
        RunContext context = new RunContext(means, proposer, operation, entry, deadline);
        for (int attempt = 1; ; attempt++) {
            Instant began = means.pace().now();
            StepOutcome outcome = means.pace().run(step, context, remaining(deadline));
            Duration took = Duration.between(began, means.pace().now());
            if (outcome instanceof StepOutcome.Done) {
                LOG.info("step {} attempt {} done in {}", entry.id(), attempt, took);
                return outcome;
            }
            String reason = ((StepOutcome.Failed) outcome).reason();
            LOG.info("step {} attempt {} failed after {}: {}", entry.id(), attempt, took, reason);
            if (remaining(deadline).compareTo(entry.retry().every()) <= 0) {
                return outcome;
            }
            means.pace().pause(entry.retry().every());
        }
    }

    private Duration remaining(Instant deadline) {
        Duration remaining = Duration.between(means.pace().now(), deadline);
        return remaining.isNegative() ? Duration.ZERO : remaining;
    }

    private ControlEvent ended(Operation operation, String step, int attempt, StepResult result, StepOutcome outcome) {
        JsonNode detail =
                outcome instanceof StepOutcome.Done done ? done.detail() : JsonNodeFactory.instance.objectNode();
        ObjectNode said = JsonNodeFactory.instance.objectNode();
        said.put("result", result instanceof StepResult.Succeeded ? "succeeded" : "failed");
        if (result instanceof StepResult.Failed failed) {
            said.put("reason", failed.reason());
        } else {
            said.set("detail", detail);
        }
        List<String> entries = EvidenceEntry.of(means.pace().now(), "step-ended", operation, said)
                .at(step)
                .texts();
        return new ControlEvent.StepEnded(id, operation.epoch(), step, attempt, result, detail, entries);
    }

    private void finish(Operation operation, StepResult result) throws InterruptedException {
        ObjectNode said = JsonNodeFactory.instance.objectNode();
        said.put("kind", operation.kind());
        said.put("result", result instanceof StepResult.Succeeded ? "succeeded" : "failed");
        if (result instanceof StepResult.Failed failed) {
            said.put("reason", failed.reason());
        }
        List<String> entries = EvidenceEntry.of(means.pace().now(), "operation-ended", operation, said)
                .texts();
        boolean refused = isRefused(new ControlEvent.OperationFinished(id, operation.epoch(), result, entries));
        if (!refused) {
            LOG.info("ended: {}", said);
        }
    }

    private boolean isRefused(ControlEvent event) throws InterruptedException {
        Reply reply = proposer.propose(event);
        if (reply instanceof Reply.Refused refused) {
            LOG.warn("event {} refused: {}", event.getClass().getSimpleName(), refused.denials());
        }
        return reply.isRefused();
    }
}
