package io.breakwater.controller.core;

/** What one observer says of a region. {@link #UNKNOWN} never counts as {@link #DOWN}. */
public enum Verdict {
    UP,
    DOWN,
    UNKNOWN
}
