package io.breakwater.replicator.delta;

import io.breakwater.platform.ReplicaPosition;
import io.breakwater.region.CommitContent;
import io.breakwater.region.CommitContent.Reason;
import io.breakwater.region.DeltaCommit;
import io.breakwater.region.DeltaCommit.CommitInfo;
import io.breakwater.region.DeltaCommit.DataFile;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.LogFile;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.RelativeCommit;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A commit of the source: the bytes that its replica gets, and what they mean. They are the source's own, unless these
 * name files by absolute paths, which would lead back to the source.
 */
final class RawCommit {

    private final LogFile file;
    private final byte[] bytes;
    private final DeltaCommit commit;
    private final Map<String, ObjectUri> origins;

    private RawCommit(LogFile file, byte[] bytes, DeltaCommit commit, Map<String, ObjectUri> origins) {
        this.file = file;
        this.bytes = bytes;
        this.commit = commit;
        this.origins = origins;
    }

    /** @throws MirrorHaltException if it is gone, or nothing that may be carried */
    static RawCommit read(MirroredTable table, LogFile file) throws MirrorHaltException {
        DeltaLogFiles log = table.source();
        byte[] bytes = undamaged(log, file);
        Map<String, ObjectUri> origins = Map.of();
        CommitContent content = DeltaCommit.parse(bytes);
        if (content instanceof CommitContent.Refused refused && refused.reason() == Reason.ABSOLUTE_PATH) {
            RelativeCommit.Outcome outcome =
                    RelativeCommit.of(bytes, log.table(), table.policy().copyInFrom()::contains);
            if (outcome instanceof RelativeCommit.Outcome.Relative relative) {
                bytes = relative.commit().bytes();
                origins = relative.commit().origins();
                content = DeltaCommit.parse(bytes);
            } else {
                content = ((RelativeCommit.Outcome.Refused) outcome).why();
            }
        }
        if (content instanceof CommitContent.Refused refused) {
            throw MirrorHaltException.stopped(
                    log.commitFile(file.version()) + " can't be carried: " + refused.detail());
        }
        DeltaCommit commit = ((CommitContent.Actions) content).commit();
        Optional<DeltaCommit.Marker> fence = commit.marker().filter(DeltaCommit.Marker::isFence);
        if (fence.isPresent() && !isLifted(log, file.version())) {
            throw MirrorHaltException.waiting("version " + file.version() + " of the source is the fence of epoch "
                    + fence.get().epoch() + " (operation " + fence.get().operation()
                    + "): it is not carried, and nothing after it, until it is lifted");
        }
        return new RawCommit(file, bytes, commit, origins);
    }

    /**
     * A commit as it was carried before.
     *
     * @throws MirrorHaltException if it is none
     */
    static RawCommit of(LogFile file, byte[] bytes) throws MirrorHaltException {
        CommitContent content = DeltaCommit.parse(bytes);
        if (content instanceof CommitContent.Refused refused) {
            throw MirrorHaltException.stopped(file.info().uri() + " can't be carried: " + refused.detail());
        }
        return new RawCommit(file, bytes, ((CommitContent.Actions) content).commit(), Map.of());
    }

    /** Whether a later epoch has taken a fence back: then it is a part of the table's history like any other. */
    private static boolean isLifted(DeltaLogFiles log, long fence) {
        for (long version = fence + 1; ; version++) {
            Optional<DeltaCommit.Marker> marker = log.content(version)
                    .flatMap(content -> content instanceof CommitContent.Actions actions
                            ? actions.commit().marker()
                            : Optional.empty());
            if (marker.filter(DeltaCommit.Marker::isFence).isEmpty()) {
                return marker.filter(DeltaCommit.Marker::isLift).isPresent();
            }
        }
    }

    /**
     * A damaged byte within a text would be carried on without anybody's notice: so the bytes are held against the
     * store's tag, and where that is no digest of them, against a second look.
     */
    private static byte[] undamaged(DeltaLogFiles log, LogFile file) throws MirrorHaltException {
        byte[] bytes = bytes(log, file);
        if (digest("MD5", bytes).equals(file.info().etag()) || Arrays.equals(bytes, bytes(log, file))) {
            return bytes;
        }
        throw MirrorHaltException.waiting(
                log.commitFile(file.version()) + " was read twice, and arrived with other bytes each time");
    }

    private static byte[] bytes(DeltaLogFiles log, LogFile file) throws MirrorHaltException {
        return log.commit(file.version())
                .orElseThrow(
                        () -> MirrorHaltException.waiting(log.commitFile(file.version()) + " was listed and is gone"));
    }

    long version() {
        return file.version();
    }

    /** Not copied: the caller only reads. */
    byte[] bytes() {
        return bytes;
    }

    DeltaCommit commit() {
        return commit;
    }

    String etag() {
        return file.info().etag();
    }

    Instant time() {
        return commit.time().orElse(file.info().lastModified());
    }

    /** The time by which a reader at the source finds it. */
    Instant readersTime() {
        return commit.info()
                .flatMap(CommitInfo::inCommitTimestamp)
                .orElse(file.info().lastModified());
    }

    /** Whether its bytes are not the source's own. */
    boolean isRewritten() {
        return !origins.isEmpty();
    }

    /** Where a file lies that the commit names, if that is not where its path would say. */
    Optional<ObjectUri> origin(String path) {
        return Optional.ofNullable(origins.get(path));
    }

    /** @param objects digest of what it names; empty if that is not known */
    MirroredVersion announced(WriterInputs inputs, Optional<String> objects, Optional<String> notice) {
        Set<String> vectors = new HashSet<>();
        commit.adds().forEach(add -> add.deletionVector().ifPresent(vector -> vectors.add(vector.path())));
        int files = commit.adds().size() + commit.changes().size() + vectors.size();
        long size = commit.adds().stream().mapToLong(RawCommit::size).sum()
                + commit.changes().stream().mapToLong(RawCommit::size).sum();
        Optional<String> copiedIn = isRewritten()
                ? Optional.of(origins.size() + " files with absolute paths were copied into the table; commit "
                        + version() + " names them by relative ones")
                : Optional.empty();
        return new MirroredVersion(
                version(),
                time(),
                readersTime(),
                inputs,
                new ReplicaPosition.Carried(files, size, sha256(bytes), objects),
                notice.or(() -> copiedIn));
    }

    private static long size(DataFile file) {
        return file.size().orElse(0);
    }

    /** One line that tells a commit from another one of the same version. */
    static String describe(byte[] bytes) {
        String what = bytes.length + " bytes, SHA-256 " + sha256(bytes);
        if (DeltaCommit.parse(bytes) instanceof CommitContent.Actions actions) {
            DeltaCommit commit = actions.commit();
            return what
                    + commit.time().map(time -> ", committed " + time).orElse("")
                    + commit.info()
                            .flatMap(CommitInfo::operation)
                            .map(operation -> ", " + operation)
                            .orElse("")
                    + commit.info()
                            .flatMap(CommitInfo::engine)
                            .map(engine -> " by " + engine)
                            .orElse("")
                    + commit.marker()
                            .map(m ->
                                    ", the " + m.marker() + " of epoch " + m.epoch() + " by operation " + m.operation())
                            .orElse("");
        }
        return what;
    }

    static String sha256(byte[] bytes) {
        return digest("SHA-256", bytes);
    }

    private static String digest(String algorithm, byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has " + algorithm, e);
        }
    }
}
