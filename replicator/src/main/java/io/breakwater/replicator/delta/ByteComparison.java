package io.breakwater.replicator.delta;

import io.breakwater.region.BridgeMark;
import io.breakwater.region.CommitContent;
import io.breakwater.region.DeltaCommit;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.LogFile;
import io.breakwater.region.LogFile.Kind;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStore.ObjectInfo;
import io.breakwater.region.ObjectStoreException;
import io.breakwater.region.ObjectUri;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Reads the objects of a replica and of its source and holds them against each other, byte by byte: whatever tags and
 * sizes the stores tell, and also where no reader of tables looks. Each object is read once, however many versions need
 * it. Nothing is written. For one thread.
 */
public final class ByteComparison {

    private static final int BLOCK = 1 << 20;
    private static final String SIDECARS = "_sidecars";

    private final ObjectStore sourceStore;
    private final DeltaLogFiles source;
    private final ObjectStore targetStore;
    private final DeltaLogFiles target;
    private final Set<ObjectUri> compared = new HashSet<>();
    private final List<String> writtenAgain = new ArrayList<>();
    private long bytes;

    /**
     * @param source root of the table
     * @param target root of its replica
     */
    public ByteComparison(ObjectStore sourceStore, ObjectUri source, ObjectStore targetStore, ObjectUri target) {
        this.sourceStore = sourceStore;
        this.source = new DeltaLogFiles(sourceStore, source);
        this.targetStore = targetStore;
        this.target = new DeltaLogFiles(targetStore, target);
    }

    /** How many objects of the replica were read until now. */
    public int objects() {
        return compared.size();
    }

    /** How many bytes these have. */
    public long bytes() {
        return bytes;
    }

    /**
     * Checkpoints that have other bytes than the source's and are right nevertheless, with some words on each: the source
     * has written them again since, and both say the same. Any writer may do that; the copy that is there stays.
     */
    public List<String> writtenAgain() {
        return List.copyOf(writtenAgain);
    }

    /**
     * Compares the data files and deletion vectors of a version, and the log files from the newest checkpoint before it
     * up to it; of all these only what was not compared before.
     *
     * @return what differs, with the object's name and the offset of the first byte
     * @throws ObjectStoreException if a store fails
     */
    public List<String> differences(long version) throws InterruptedException {
        List<String> differences = new ArrayList<>(logDifferences(version));
        try {
            Collection<String> paths = SnapshotFiles.of(TableState.at(targetStore, target, version))
                    .paths()
                    .keySet();
            for (String path : paths) {
                compare(origin(path), target.table().resolve(path), path).ifPresent(differences::add);
            }
        } catch (MirrorHaltException e) {
            differences.add(String.valueOf(e.getMessage()));
        }
        return differences;
    }

    /** What was copied into the table lies elsewhere at the source. */
    private ObjectUri origin(String path) {
        ObjectUri same = source.table().resolve(path);
        String[] parts = path.split("/", 3);
        boolean copiedIn = parts.length == 3
                && parts[0].equals("cloned")
                && sourceStore.head(same).isEmpty();
        return copiedIn ? new ObjectUri(parts[1], parts[2]) : same;
    }

    private List<String> logDifferences(long version) throws InterruptedException {
        List<LogFile> listed = target.listFrom(0).stream()
                .filter(file -> file.lastVersion() <= version)
                .toList();
        List<Checkpoint> checkpoints = Checkpoint.among(listed);
        long from = checkpoints.isEmpty()
                ? 0
                : checkpoints.get(checkpoints.size() - 1).version();
        Map<String, LogFile> atSource = source.listFrom(from).stream()
                .collect(Collectors.toMap(LogFile::name, file -> file, (one, same) -> one, TreeMap::new));
        List<String> differences = new ArrayList<>();
        for (LogFile file : listed) {
            if (file.version() >= from && atSource.containsKey(file.name()) && !isMeantToDiffer(file)) {
                Optional<String> difference =
                        compare(source.file(file.name()), target.file(file.name()), "_delta_log/" + file.name());
                if (difference.isPresent() && isWrittenAgain(file, checkpoints, atSource)) {
                    writtenAgain.add(
                            "_delta_log/" + file.name() + ": written again by the source, with the same content");
                } else {
                    difference.ifPresent(differences::add);
                }
            }
        }
        for (ObjectInfo sidecar : targetStore.list(target.file(SIDECARS).resolve(""))) {
            String name = name(target, sidecar);
            compare(source.file(name), sidecar.uri(), "_delta_log/" + name).ifPresent(differences::add);
        }
        return differences;
    }

    /** Whether a checkpoint that differs is older than the source's, and says the same. */
    private boolean isWrittenAgain(LogFile file, List<Checkpoint> checkpoints, Map<String, LogFile> atSource)
            throws InterruptedException {
        Optional<Checkpoint> copy = checkpoints.stream()
                .filter(checkpoint -> checkpoint.parts().contains(file))
                .findFirst();
        List<LogFile> parts = copy.stream()
                .flatMap(checkpoint -> checkpoint.parts().stream())
                .map(part -> atSource.get(part.name()))
                .filter(Objects::nonNull)
                .toList();
        LogFile original = atSource.get(file.name());
        if (original == null
                || !original.info().lastModified().isAfter(file.info().lastModified())
                || copy.isEmpty()
                || parts.size() != copy.get().parts().size()) {
            return false;
        }
        try {
            TableState there = TableState.of(
                    new CheckpointReader(sourceStore, source),
                    new Checkpoint(copy.get().version(), parts));
            return TableState.of(new CheckpointReader(targetStore, target), copy.get())
                    .saysTheSameAs(there);
        } catch (MirrorHaltException e) {
            // One of the two can't be read: then the difference is one.
            return false;
        }
    }

    private static String name(DeltaLogFiles log, ObjectInfo info) {
        return info.uri().key().substring(log.file("").key().length());
    }

    /** What fills a gap for some time, and what names files relatively that the source names by where they lie. */
    private boolean isMeantToDiffer(LogFile file) {
        if (file.kind() != Kind.COMMIT) {
            return false;
        }
        boolean marked =
                target.commit(file.version()).filter(BridgeMark::isMarked).isPresent();
        return marked
                || source.commit(file.version())
                        .filter(ByteComparison::namesOtherPlaces)
                        .isPresent();
    }

    private static boolean namesOtherPlaces(byte[] commit) {
        return DeltaCommit.parse(commit) instanceof CommitContent.Refused refused
                && refused.reason() == CommitContent.Reason.ABSOLUTE_PATH;
    }

    /** @return what differs; nothing if the source no longer has it, which is for the log to judge */
    private Optional<String> compare(ObjectUri original, ObjectUri copy, String name) {
        if (!compared.add(copy)) {
            return Optional.empty();
        }
        try (InputStream meant =
                        sourceStore.open(original).map(in -> (InputStream) in).orElse(null);
                InputStream there =
                        targetStore.open(copy).map(in -> (InputStream) in).orElse(null)) {
            if (meant == null) {
                return Optional.empty();
            }
            if (there == null) {
                return Optional.of(name + ": the version needs it, there is no such object");
            }
            OptionalLong first = firstDifference(meant, there);
            return first.isPresent()
                    ? Optional.of(name + ": other bytes than the source's, from byte " + first.getAsLong() + " on")
                    : Optional.empty();
        } catch (IOException e) {
            throw new ObjectStoreException(
                    ObjectStoreException.Reason.UNREACHABLE, "comparing " + copy + " with " + original, e);
        }
    }

    private OptionalLong firstDifference(InputStream meant, InputStream there) throws IOException {
        for (long offset = 0; ; ) {
            byte[] expected = meant.readNBytes(BLOCK);
            byte[] found = there.readNBytes(BLOCK);
            bytes += found.length;
            int mismatch = Arrays.mismatch(expected, found);
            if (mismatch >= 0) {
                return OptionalLong.of(offset + mismatch);
            }
            if (expected.length < BLOCK) {
                return OptionalLong.empty();
            }
            offset += expected.length;
        }
    }
}
