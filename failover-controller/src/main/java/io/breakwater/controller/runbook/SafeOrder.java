package io.breakwater.controller.runbook;

import io.breakwater.controller.core.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The order that a runbook which moves the active role has to keep, whatever else stands between: what the region that
 * is left can still do ends first, what the promoted one may do begins after the point of no return.
 */
final class SafeOrder {

    private static final Set<String> MOVES = Set.of(Operation.FAILOVER, Operation.FAILBACK);

    /** Each of these has to be there, in this order. */
    private static final List<String> NEEDED = List.of(
            "await-lease-lapsed",
            "fence-mirror",
            "record-segments",
            "select-recovery-point",
            "point-of-no-return",
            "open-pipeline",
            "open-ingress",
            "route");

    /** If they are there, they come after the step before them and before the one behind. */
    private static final List<List<String>> BETWEEN = List.of(
            List.of("await-lease-lapsed", "fence-tables", "drain", "fence-mirror"),
            List.of("point-of-no-return", "translate-groups", "open-ingress"),
            List.of("point-of-no-return", "promote-tables", "open-pipeline"),
            List.of("open-pipeline", "restore-jobs", "open-ingress"));

    private SafeOrder() {}

    static List<String> wrong(Runbook runbook) {
        if (!MOVES.contains(runbook.runbook())) {
            return List.of();
        }
        List<String> order = runbook.steps().stream().map(Runbook.Entry::step).toList();
        List<String> wrong = new ArrayList<>();
        NEEDED.stream()
                .filter(step -> !order.contains(step))
                .forEach(step -> wrong.add("steps: " + step + " is missing, a " + runbook.runbook() + " needs it"));
        List<List<String>> sequences = new ArrayList<>(BETWEEN);
        sequences.add(NEEDED);
        for (List<String> sequence : sequences) {
            List<String> present = sequence.stream().filter(order::contains).toList();
            for (int i = 1; i < present.size(); i++) {
                if (order.indexOf(present.get(i - 1)) > order.indexOf(present.get(i))) {
                    wrong.add("steps: " + present.get(i) + " stands before " + present.get(i - 1)
                            + ", and has to come after it");
                }
            }
        }
        return wrong.stream().distinct().toList();
    }
}
