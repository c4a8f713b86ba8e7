package io.breakwater.local.process;

/** Asks a starting server whether it serves. */
@FunctionalInterface
public interface Readiness {

    /** False while it does not serve yet; returns within a few seconds. */
    boolean ready() throws InterruptedException;
}
