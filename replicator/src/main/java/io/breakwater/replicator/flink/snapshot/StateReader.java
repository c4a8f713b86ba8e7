package io.breakwater.replicator.flink.snapshot;

import io.breakwater.region.ObjectUri;
import java.util.Optional;

/** Reads a part of a file of state: {@code length} bytes from {@code offset} on; empty if there is no such file. */
@FunctionalInterface
public interface StateReader {
    Optional<byte[]> read(ObjectUri file, long offset, int length);
}
