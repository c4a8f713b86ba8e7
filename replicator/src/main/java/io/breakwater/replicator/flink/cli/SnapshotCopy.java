package io.breakwater.replicator.flink.cli;

import io.breakwater.region.ObjectStore.ObjectInfo;
import io.breakwater.region.ObjectUri;
import io.breakwater.replicator.copy.CopyJob;
import io.breakwater.replicator.copy.CopyLimits;
import io.breakwater.replicator.copy.CopyOutcome;
import io.breakwater.replicator.copy.ObjectCopier;
import io.breakwater.replicator.flink.snapshot.Snapshot;
import io.breakwater.replicator.flink.snapshot.SnapshotFile;
import io.breakwater.replicator.kafka.cli.NotDoneException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Puts a snapshot in self-contained form at its target: the files, each compared on arrival, then what arrived, then
 * {@code _metadata}, which makes it one. Done again, it finds what is there already.
 */
record SnapshotCopy(SnapshotPlace source, SnapshotPlace target, CopyLimits limits) {

    private static final int MOST_NAMED = 10;

    /** @param bytes of all files; {@code copied} how many of them were not there before */
    record Done(int files, int copied, long bytes) {}

    /**
     * @param files of the snapshot at the source
     * @param metadata the target's
     * @throws SnapshotRefusedException if a file of the source is missing or not as the metadata says
     * @throws NotDoneException if something else stands at the target
     */
    Done put(List<SnapshotFile> files, byte[] metadata) throws InterruptedException {
        ObjectUri place = target.directory().resolve(Snapshot.METADATA);
        Optional<byte[]> standing = target.store().get(place);
        if (standing.isPresent() && !Arrays.equals(standing.get(), metadata)) {
            throw new NotDoneException(
                    target.url() + ": another snapshot stands there; name an empty directory, or delete that one");
        }
        List<CopyJob> jobs = new ArrayList<>();
        for (SnapshotFile file : files) {
            jobs.add(new CopyJob(
                    file.source(),
                    target.directory().resolve(file.name()),
                    file.whole() ? OptionalLong.of(file.size()) : OptionalLong.empty()));
        }
        List<CopyOutcome> outcomes;
        try (ObjectCopier copier = new ObjectCopier(source.store(), target.store(), limits)) {
            outcomes = copier.copy(jobs);
        }
        requireArrived(jobs, outcomes);
        target.store()
                .put(
                        target.directory().resolve(SnapshotFiles.NAME),
                        new SnapshotFiles(source.url(), arrived(files)).toJson());
        target.store().put(place, metadata);
        requireWhole(metadata);
        return new Done(
                files.size(),
                (int) outcomes.stream()
                        .filter(CopyOutcome.Copied.class::isInstance)
                        .count(),
                outcomes.stream()
                        .mapToLong(outcome -> ((CopyOutcome.Arrived) outcome).size())
                        .sum());
    }

    private void requireArrived(List<CopyJob> jobs, List<CopyOutcome> outcomes) {
        List<String> failed = new ArrayList<>();
        for (int i = 0; i < jobs.size(); i++) {
            if (!(outcomes.get(i) instanceof CopyOutcome.Arrived)) {
                failed.add(source.paths().path(jobs.get(i).from()) + ": " + outcomes.get(i));
            }
        }
        if (!failed.isEmpty()) {
            throw new SnapshotRefusedException("snapshot " + source.url() + ": " + failed.size() + " of " + jobs.size()
                    + " files did not arrive, so it is not made: "
                    + String.join("; ", failed.subList(0, Math.min(MOST_NAMED, failed.size()))));
        }
    }

    private List<SnapshotFiles.Arrived> arrived(List<SnapshotFile> files) {
        return files.stream()
                .map(file -> {
                    ObjectInfo there = target.store()
                            .head(target.directory().resolve(file.name()))
                            .orElseThrow(() -> new SnapshotRefusedException(
                                    target.url() + "/" + file.name() + " has gone after it was copied"));
                    return new SnapshotFiles.Arrived(file.name(), there.size(), SnapshotFiles.md5(there));
                })
                .toList();
    }

    private void requireWhole(byte[] metadata) {
        Snapshot written = target.explaining(
                () -> Snapshot.open(target.directory(), metadata, target.store()::get, target.paths()));
        List<String> problems = SnapshotFiles.problems(target, target.explaining(written::files));
        if (!problems.isEmpty()) {
            throw new SnapshotRefusedException("snapshot " + target.url() + ", just written: " + problems);
        }
    }
}
