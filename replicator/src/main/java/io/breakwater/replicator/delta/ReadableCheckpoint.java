package io.breakwater.replicator.delta;

import io.breakwater.region.LogFile;
import io.breakwater.region.LogFile.Kind;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * A checkpoint with what was read of it. A broken one is passed over where an older one, or none, and the commits since
 * say the same.
 */
record ReadableCheckpoint<T>(Checkpoint checkpoint, T content) {

    /** Reads one; from the beginning each time. */
    interface Reading<T> {
        T of(Checkpoint checkpoint) throws MirrorHaltException, InterruptedException;
    }

    /**
     * The newest one that can be read.
     *
     * @param listed of the log
     * @param upTo the version that is asked for
     * @return empty if there is none, or only broken ones and every commit
     * @throws MirrorHaltException if only broken ones are there, and the commits do not reach back far enough
     */
    static <T> Optional<ReadableCheckpoint<T>> newest(List<LogFile> listed, long upTo, Reading<T> reading)
            throws MirrorHaltException, InterruptedException {
        List<Checkpoint> possible = Checkpoint.among(listed).stream()
                .filter(checkpoint -> checkpoint.version() <= upTo)
                .toList();
        Optional<MirrorHaltException> broken = Optional.empty();
        for (int i = possible.size() - 1; i >= 0; i--) {
            Checkpoint checkpoint = possible.get(i);
            if (broken.isPresent() && !hasCommits(listed, checkpoint.version() + 1, upTo)) {
                throw broken.get();
            }
            try {
                return Optional.of(new ReadableCheckpoint<>(checkpoint, reading.of(checkpoint)));
            } catch (MirrorHaltException e) {
                if (!e.isCheckpointBroken()) {
                    throw e;
                }
                broken = broken.or(() -> Optional.of(e));
            }
        }
        if (broken.isPresent() && !hasCommits(listed, 0, upTo)) {
            throw broken.get();
        }
        return Optional.empty();
    }

    private static boolean hasCommits(List<LogFile> listed, long from, long to) {
        Set<Long> versions = listed.stream()
                .filter(file -> file.kind() == Kind.COMMIT)
                .map(LogFile::version)
                .collect(Collectors.toSet());
        return LongStream.rangeClosed(from, to).allMatch(versions::contains);
    }
}
