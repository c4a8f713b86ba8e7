package io.breakwater.controller.routing;

/** A place that tells clients where to go. Pointing it is idempotent, and verified after the change. */
public interface RouteTarget {

    /** Unique, in the form of {@code route53}. */
    String id();

    /** Points the target and makes sure that it answers so. May block for some seconds; it is tried again. */
    Outcome point(Route route) throws InterruptedException;

    /** What came of it. */
    sealed interface Outcome {

        /** @param how what was seen, for people */
        record Pointed(String how) implements Outcome {}

        /** @param reason for people */
        record NotPointed(String reason) implements Outcome {}
    }
}
