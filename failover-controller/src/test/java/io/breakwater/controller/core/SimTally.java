package io.breakwater.controller.core;

import io.breakwater.platform.SegmentHistory;
import java.util.HashMap;
import java.util.Map;

/** How often each thing happened in a run: a simulation in which nothing happens proves nothing. */
final class SimTally {

    private final Map<String, Integer> seen = new HashMap<>();
    private final Map<String, Integer> open = new HashMap<>();

    void count(String what) {
        seen.merge(what, 1, Integer::sum);
    }

    /** Of each moment at which a region accepts writes. */
    void open(String region) {
        open.merge(region, 1, Integer::sum);
    }

    Map<String, Integer> seen() {
        open.forEach((region, times) -> seen.put(region + " open", times));
        return seen;
    }

    /** An event was applied. */
    void changed(ControlState state, GroupState last, GroupState group) {
        if (group.segments().open(group.flow()).isPresent()
                && last.segments().open(group.flow()).isEmpty()
                && !last.segments().equals(SegmentHistory.NONE)) {
            count("flow begun");
        }
        if (!group.active().equals(last.active())) {
            count("promoted");
            if (state.operation(last.operation().orElse(""))
                    .filter(Operation::isPlanned)
                    .isPresent()) {
                count("failed back");
            }
        }
    }
}
