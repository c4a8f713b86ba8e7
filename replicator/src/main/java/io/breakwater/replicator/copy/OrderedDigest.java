package io.breakwater.replicator.copy;

import java.security.MessageDigest;

/** The MD5 of a whole object whose parts come on several threads: each part waits for the one before it. */
final class OrderedDigest {

    private final MessageDigest md5 = Digests.md5();
    private int next = 1;
    private boolean ended;

    /**
     * @param number from 1 on
     * @return false if it was ended: there will be no digest
     */
    synchronized boolean add(int number, byte[] bytes, int length) throws InterruptedException {
        while (next != number && !ended) {
            wait();
        }
        if (!ended) {
            md5.update(bytes, 0, length);
            next++;
            notifyAll();
        }
        return !ended;
    }

    /** A part failed: those that wait for it wait no longer. */
    synchronized void end() {
        ended = true;
        notifyAll();
    }

    synchronized String whole() {
        return Digests.hex(md5);
    }
}
