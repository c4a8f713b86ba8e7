package io.breakwater.controller.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is known of a group's jobs in the region that it has left. They have to be ended whenever they are seen there,
 * whoever brought them back.
 *
 * @param region that was left
 * @param closed whether its Flink cluster said at the last look that none of them runs
 * @param trouble why it is not closed; empty before the first look
 * @param ended the newest of the jobs that were ended there, at most {@link #ENDED_KEPT}
 */
public record JobFence(String region, boolean closed, Optional<String> trouble, List<FencedJob> ended) {

    public static final int ENDED_KEPT = 16;

    public JobFence {
        ended = List.copyOf(ended.subList(Math.max(0, ended.size() - ENDED_KEPT), ended.size()));
    }

    static JobFence owed(String region) {
        return new JobFence(region, false, Optional.empty(), List.of());
    }

    public JobFence notClosed(String why) {
        return new JobFence(region, false, Optional.of(why), ended);
    }

    public JobFence closedAgain() {
        return new JobFence(region, true, Optional.empty(), ended);
    }

    public JobFence withEnded(List<FencedJob> jobs) {
        List<FencedJob> all = new ArrayList<>(ended);
        all.addAll(jobs);
        return new JobFence(region, closed, trouble, all);
    }
}
