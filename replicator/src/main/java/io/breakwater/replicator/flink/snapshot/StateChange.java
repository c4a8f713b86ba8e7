package io.breakwater.replicator.flink.snapshot;

import java.util.Optional;

/** What is done to the state of one operator, apart from moving its files. */
interface StateChange {

    /** Nothing is changed, nothing is read. */
    StateChange NONE = new StateChange() {
        @Override
        public boolean touches(String state) {
            return false;
        }

        @Override
        public Optional<byte[]> element(String state, byte[] element) {
            return Optional.of(element);
        }

        @Override
        public byte[] coordinator(byte[] state) {
            return state;
        }
    };

    /** Whether any element of the list state of that name is of interest; others are not read at all. */
    boolean touches(String state);

    /** @return the element to keep in its place; empty to drop it */
    Optional<byte[]> element(String state, byte[] element);

    /** @param state of the coordinator of a source */
    byte[] coordinator(byte[] state);

    /** Before anything else. @throws UnsupportedSnapshotException if the operator can't be changed as is asked */
    default void check(OperatorContent operator) {
        // Nothing is refused.
    }
}
