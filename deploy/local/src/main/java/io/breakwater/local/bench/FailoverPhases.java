package io.breakwater.local.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.local.quickstart.Failover;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What the time of a failover went into, over all rounds, and what would have to go to end within {@value #GOAL} s. */
final class FailoverPhases {

    /** Seconds from the kill until all of the workload works. */
    private static final double GOAL = 10;

    /** In their order; in lower case as they are printed. */
    private enum Phase {
        detect("the probes' time-outs and misses (signals)"),
        hold("policy.holdTime, and the Raft log"),
        lease("policy.lease and policy.leaseMargin, less what of them passes while the region is detected"),
        cut_over("fencing the mirror, segments, the recovery point, positions of groups"),
        restore("tables, and Flink's start of the jobs from their snapshots"),
        serve("opening ingress, routing, clients that follow, the jobs' first output");

        private final String setBy;

        Phase(String setBy) {
            this.setBy = setBy;
        }
    }

    private final Map<Phase, List<Double>> seconds = new EnumMap<>(Phase.class);
    private final List<Double> totals = new ArrayList<>();

    void add(Failover.Times times) {
        add(Phase.detect, times.firstVote());
        add(Phase.hold, times.decided() - times.firstVote());
        add(Phase.lease, times.lapsed() - times.decided());
        add(Phase.cut_over, times.positions() - times.lapsed());
        add(Phase.restore, times.restored() - times.positions());
        add(Phase.serve, times.serving() - times.restored());
        totals.add(times.serving());
    }

    private void add(Phase phase, double value) {
        seconds.computeIfAbsent(phase, p -> new ArrayList<>()).add(value);
    }

    /** Medians; the longest phase first: what is to be saved has to come from there. */
    ObjectNode conclusion() {
        double total = median(totals);
        ObjectNode line = JsonNodeFactory.instance.objectNode();
        line.put("bench", "failover")
                .put("case", "kill")
                .put("metric", "rto_s")
                .put("p50", total)
                .put(
                        "max",
                        totals.stream().mapToDouble(Double::doubleValue).max().orElse(0))
                .put("goal_s", GOAL)
                .put("to_save_s", rounded(Math.max(0, total - GOAL)));
        ObjectNode phases = line.putObject("phases");
        seconds.entrySet().stream()
                .sorted(Comparator.comparing(entry -> -median(entry.getValue())))
                .forEach(entry -> phases.putObject(entry.getKey().name())
                        .put("p50_s", median(entry.getValue()))
                        .put("share", rounded(median(entry.getValue()) / total))
                        .put("set_by", entry.getKey().setBy));
        return line;
    }

    private static double median(List<Double> values) {
        return Summary.quantile(values.stream().sorted().toList(), 0.5);
    }

    private static double rounded(double value) {
        return Math.round(value * 1000) / 1000.0;
    }
}
