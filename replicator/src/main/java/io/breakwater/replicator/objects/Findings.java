package io.breakwater.replicator.objects;

import java.util.ArrayList;
import java.util.List;

/** What is to be said of some objects: all are counted, the first are kept. For one thread. */
final class Findings {

    private static final int KEPT = 5;

    private final List<String> first = new ArrayList<>();
    private int count;

    void add(String text) {
        if (first.size() < KEPT) {
            first.add(text);
        }
        count++;
    }

    void addAll(Findings others) {
        int before = count;
        others.first.forEach(this::add);
        count = before + others.count;
    }

    int count() {
        return count;
    }

    /** The first ones, and how many there are beside these. */
    @Override
    public String toString() {
        String more = count > first.size() ? "; and " + (count - first.size()) + " more" : "";
        return String.join("; ", first) + more;
    }
}
