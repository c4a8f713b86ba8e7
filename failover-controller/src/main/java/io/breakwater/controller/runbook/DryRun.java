package io.breakwater.controller.runbook;

import io.breakwater.controller.core.ControlState;
import io.breakwater.controller.core.GroupState;
import io.breakwater.controller.core.Operation;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.Flow;
import io.breakwater.platform.InvalidPlatformException;
import io.breakwater.platform.Platform;
import java.util.List;
import java.util.Map;

/** Says what each step of a runbook would do for a group now. Changes nothing, and asks no server. Thread-safe. */
public final class DryRun {

    private final Platform platform;
    private final Map<String, RunbookStep> steps;

    /** @param steps by id */
    public DryRun(Platform platform, Map<String, RunbookStep> steps) {
        this.platform = platform;
        this.steps = Map.copyOf(steps);
    }

    /** @param name of the entry */
    public record Step(String name, String step, long timeoutSeconds, String onFailure, String would) {}

    /**
     * @throws InvalidPlatformException if the runbook is wrong or there is no such group; each line names the place
     */
    public List<Step> of(Runbook runbook, String group, ControlState state) {
        List<String> wrong = runbook.wrong(steps);
        if (!wrong.isEmpty()) {
            throw new InvalidPlatformException(wrong);
        }
        platform.group(group);
        GroupState now = state.group(group)
                .orElseThrow(() -> new InvalidPlatformException(List.of("groups." + group + ": not adopted yet")));
        boolean moves = runbook.runbook().equals(Operation.FAILOVER)
                || runbook.runbook().equals(Operation.FAILBACK);
        Epoch epoch = moves ? now.epoch().next() : now.epoch();
        Flow flow = runbook.runbook().equals(Operation.LEDGER) ? new Flow(now.standby(), now.active()) : now.flow();
        return runbook.steps().stream()
                .map(entry -> new Step(
                        entry.id(),
                        entry.step(),
                        entry.timeout().toSeconds(),
                        entry.onFailure().orElse(Runbook.OnFailure.again).name(),
                        step(entry).preview(new Preview(platform, state, group, now, flow, epoch, entry))))
                .toList();
    }

    private RunbookStep step(Runbook.Entry entry) {
        RunbookStep step = steps.get(entry.step());
        if (step == null) {
            throw new IllegalStateException("step " + entry.step() + " was known a moment ago");
        }
        return step;
    }
}
