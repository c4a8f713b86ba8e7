package io.breakwater.controller.runbook.steps;

import java.util.OptionalLong;

/**
 * What of one partition a restored job writes a second time, as offsets of the promoted region. The snapshot's place in
 * it is known as two bounds, because a job's parallel sinks pass a snapshot at different times.
 *
 * @param from inclusive: nothing in front of it is written again
 * @param certainFrom inclusive: all from here on is written again
 * @param to exclusive: the copy's end when the flow was fenced
 * @param records from {@code from} on, that is at most so many are written again; left out if they were not counted
 * @param certainRecords from {@code certainFrom} on, that is at least so many
 */
public record RewrittenRange(
        String topic,
        int partition,
        long from,
        long certainFrom,
        long to,
        OptionalLong records,
        OptionalLong certainRecords) {}
