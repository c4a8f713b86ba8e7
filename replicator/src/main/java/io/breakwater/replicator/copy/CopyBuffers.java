package io.breakwater.replicator.copy;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Buffers that are used again: as many as threads copy at a time, each as large as the largest object that it has held.
 * Thread-safe.
 */
final class CopyBuffers {

    private static final int SMALLEST = 64 << 10;

    private final Deque<byte[]> free = new ArrayDeque<>();

    /** @return a buffer of that many bytes or more, to be given back */
    byte[] take(int bytes) {
        byte[] buffer;
        synchronized (free) {
            buffer = free.poll();
        }
        if (buffer != null && buffer.length >= bytes) {
            return buffer;
        }
        // Rounded up to a power of two: objects of about one size then fit the same buffer.
        int rounded = Integer.highestOneBit(Math.max(1, bytes - 1)) << 1;
        return new byte[Math.max(SMALLEST, Math.max(bytes, rounded))];
    }

    void giveBack(byte[] buffer) {
        synchronized (free) {
            free.push(buffer);
        }
    }

    /** The memory is the JVM's again. */
    void drop() {
        synchronized (free) {
            free.clear();
        }
    }
}
