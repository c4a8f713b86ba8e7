package io.breakwater.controller.core;

/** A class of writers that the lease lets through. Lower case as on the wire. */
public enum Gate {
    /** Ordinary producers, and consumers' commits. */
    ingress,
    /** The group's own jobs and table writers. Opened before ingress. */
    pipeline
}
