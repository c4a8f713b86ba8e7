package io.breakwater.replicator.flink.snapshot;

import java.util.Optional;

/** What is done to the state of one operator, apart from moving its files. */
interface StateChange {

    /** Whether any element of the list state of that name is of interest; others are not read at all. */
    boolean touches(String state);

    /** @return the element to keep in its place; empty to drop it */
    Optional<byte[]> element(String state, byte[] element);

    /** @param state of the operator's coordinator */
    byte[] coordinator(byte[] state);
}
