package io.breakwater.local.bench;

import io.breakwater.local.process.ServerFailedException;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStore.PutOutcome;
import io.breakwater.region.ObjectUri;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A table that this process writes, and its replica that it looks at. One thread may write while another looks. */
final class WatchedTable {

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration POLL = Duration.ofMillis(5);

    private final ObjectStore source;
    private final ObjectStore target;
    private final ObjectUri root;
    private final DeltaLogFiles log;

    /** @param root the same in both stores */
    WatchedTable(ObjectStore source, ObjectStore target, ObjectUri root) {
        this.source = source;
        this.target = target;
        this.root = root;
        this.log = new DeltaLogFiles(source, root);
    }

    void putFile(String path, byte[] bytes) {
        source.put(root.resolve(path), bytes);
    }

    /** @return when it was begun: the writer calls it committed some milliseconds later */
    long commit(long version, byte[] commit) {
        long began = System.nanoTime();
        if (source.putIfAbsent(log.commitFile(version), commit) == PutOutcome.EXISTS) {
            throw new IllegalStateException("version " + version + " of " + root + " was there");
        }
        return began;
    }

    /**
     * Waits until a version can be read at the target: all that it names is there before its commit is.
     *
     * @return when it was seen
     * @throws ServerFailedException if it does not come
     */
    long awaitReplica(long version) throws InterruptedException {
        long began = System.nanoTime();
        while (target.head(log.commitFile(version)).isEmpty()) {
            if (System.nanoTime() - began > LIMIT.toNanos()) {
                throw new ServerFailedException("version " + version + " of " + root + " did not arrive in " + LIMIT
                        + "; see the log of " + BenchWorker.NAME);
            }
            TimeUnit.NANOSECONDS.sleep(POLL.toNanos());
        }
        return System.nanoTime();
    }

    /** @throws ServerFailedException if the replica lacks a file */
    void requireAtTarget(String path, long size) {
        if (target.head(root.resolve(path)).filter(info -> info.size() == size).isEmpty()) {
            throw new ServerFailedException(root.resolve(path) + " is not at the target, and its version is");
        }
    }
}
