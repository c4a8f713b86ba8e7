package io.breakwater.controller.core;

import java.util.Collection;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * One observer's verdict of one region, and what it rests on.
 *
 * @param downClasses classes of the signals that are down ({@code kafka}, {@code object-store}, {@code flink}, ...)
 * @param upClasses classes of the signals that are up
 */
public record RegionVerdict(Verdict verdict, SortedSet<String> downClasses, SortedSet<String> upClasses) {

    /** A verdict of DOWN counts only if it rests on this many classes (rule 4). */
    public static final int CLASSES_NEEDED = 2;

    /** The class of Kafka's signal: a closed region's Kafka that is up again can be read for the loss ledger. */
    public static final String KAFKA = "kafka";

    public RegionVerdict {
        downClasses = Collections.unmodifiableSortedSet(new TreeSet<>(downClasses));
        upClasses = Collections.unmodifiableSortedSet(new TreeSet<>(upClasses));
    }

    public static RegionVerdict of(Verdict verdict, Collection<String> downClasses, Collection<String> upClasses) {
        return new RegionVerdict(verdict, new TreeSet<>(downClasses), new TreeSet<>(upClasses));
    }

    public boolean countsAsDown() {
        return verdict == Verdict.DOWN && downClasses.size() >= CLASSES_NEEDED;
    }
}
