package io.breakwater.local.active;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/** What writers were told by the regions, on this process's monotonic clock. Thread-safe. */
final class Acceptances {

    /**
     * A write that was acknowledged: the region accepted it somewhere between the two times.
     *
     * @param kind of writer
     * @param sentAt nanoseconds, just before the write, or the commit, was sent
     * @param ackedAt nanoseconds
     */
    record Accepted(String region, String kind, long sentAt, long ackedAt) {}

    private record Refused(String region, String kind, long at, String why) {}

    private final Queue<Accepted> accepted = new ConcurrentLinkedQueue<>();
    private final Queue<Refused> refused = new ConcurrentLinkedQueue<>();

    void accepted(String region, String kind, long sentAt) {
        accepted.add(new Accepted(region, kind, sentAt, System.nanoTime()));
    }

    void refused(String region, String kind, String why) {
        refused.add(new Refused(region, kind, System.nanoTime(), why));
    }

    /** Since a time. */
    List<Accepted> in(String region, long since) {
        return accepted.stream()
                .filter(write -> write.region().equals(region) && write.ackedAt() >= since)
                .toList();
    }

    long refusals(String region, long since) {
        return refused.stream()
                .filter(write -> write.region().equals(region) && write.at() >= since)
                .count();
    }

    /** The longest time in which no writer of a kind was answered well; in milliseconds. */
    long longestGap(String region, String kind, long since) {
        long last = since;
        long longest = 0;
        for (Accepted write : in(region, since)) {
            if (write.kind().equals(kind)) {
                longest = Math.max(longest, write.ackedAt() - last);
                last = write.ackedAt();
            }
        }
        return TimeUnit.NANOSECONDS.toMillis(Math.max(longest, System.nanoTime() - last));
    }

    /** No write of the old region was acknowledged once one had been sent that the new region took. */
    void assertDisjoint(String from, String to) {
        long lastOfOld = in(from, Long.MIN_VALUE).stream()
                .mapToLong(Accepted::ackedAt)
                .max()
                .orElseThrow();
        Accepted firstOfNew = in(to, Long.MIN_VALUE).stream()
                .min((a, b) -> Long.compare(a.sentAt(), b.sentAt()))
                .orElseThrow();
        long apart = TimeUnit.NANOSECONDS.toMillis(firstOfNew.sentAt() - lastOfOld);
        System.out.println("between the last write of " + from + " and the first one of " + to + " ("
                + firstOfNew.kind() + "): " + apart + " ms; " + this);
        assertThat(apart).as("milliseconds between %s and %s", from, to).isPositive();
    }

    @Override
    public String toString() {
        TreeMap<String, Integer> counts = new TreeMap<>();
        accepted.forEach(write -> counts.merge(write.region() + " took " + write.kind(), 1, Integer::sum));
        refused.forEach(write ->
                counts.merge(write.region() + " refused " + write.kind() + ": " + write.why(), 1, Integer::sum));
        return counts.toString();
    }
}
