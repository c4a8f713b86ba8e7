package io.breakwater.controller.runbook.steps;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.controller.core.Approval;
import io.breakwater.controller.core.ControlState;
import io.breakwater.controller.runbook.Preview;
import io.breakwater.controller.runbook.Runbook;
import io.breakwater.controller.runbook.RunbookStep;
import io.breakwater.controller.runbook.StepContext;
import io.breakwater.controller.runbook.StepOutcome;
import io.breakwater.controller.runbook.Waiting;
import java.util.List;
import java.util.Set;

/**
 * Waits until persons, other than the one who asked for the operation, let it go on: {@code breakwater approve}. The
 * step's timeout is how long they have.
 */
public final class ApprovalStep implements RunbookStep {

    private static final String PERSONS = "persons";
    private static final String QUESTION = "question";

    @Override
    public String id() {
        return "approval";
    }

    @Override
    public List<String> check(Runbook.Entry entry) {
        List<String> wrong = EntrySettings.keys(entry, Set.of(QUESTION), Set.of(PERSONS));
        String persons = entry.with().getOrDefault(PERSONS, "1");
        if (!persons.matches("[1-9]")) {
            wrong.add("with.persons: '" + persons + "'; 1 to 9 is needed");
        }
        return wrong;
    }

    @Override
    public String preview(Preview preview) {
        return "waits until " + preview.entry().with().getOrDefault(PERSONS, "1") + " person(s) answer yes to: "
                + preview.entry().with().get(QUESTION);
    }

    @Override
    public StepOutcome run(StepContext context) throws InterruptedException {
        int needed = Integer.parseInt(context.settings().getOrDefault(PERSONS, "1"));
        if (!Waiting.until(context, state -> approvals(state, context).size() >= needed)) {
            return new StepOutcome.Failed(approvals(context.state(), context).size() + " of " + needed
                    + " persons have approved: " + context.settings().getOrDefault(QUESTION, "")
                    + " (breakwater approve "
                    + context.operation().id() + " --step " + context.step() + ")");
        }
        ObjectNode detail = JsonNodeFactory.instance.objectNode();
        ArrayNode by = detail.putArray("approvedBy");
        approvals(context.state(), context).forEach(approval -> by.add(approval.approvedBy()));
        return new StepOutcome.Done(detail);
    }

    private static List<Approval> approvals(ControlState state, StepContext context) {
        return state.operation(context.operation().id()).stream()
                .flatMap(operation -> operation.approvals(context.step()).stream())
                .toList();
    }
}
