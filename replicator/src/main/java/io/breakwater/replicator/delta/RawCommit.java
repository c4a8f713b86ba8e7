package io.breakwater.replicator.delta;

import io.breakwater.region.CommitContent;
import io.breakwater.region.DeltaCommit;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.LogFile;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;

/** A commit of the source: its bytes, which are carried as they are, and what they mean. */
final class RawCommit {

    private final LogFile file;
    private final byte[] bytes;
    private final DeltaCommit commit;

    private RawCommit(LogFile file, byte[] bytes, DeltaCommit commit) {
        this.file = file;
        this.bytes = bytes;
        this.commit = commit;
    }

    /** @throws MirrorHaltException if it is gone, or nothing that may be carried */
    static RawCommit read(DeltaLogFiles log, LogFile file) throws MirrorHaltException {
        Optional<byte[]> bytes = log.commit(file.version());
        if (bytes.isEmpty()) {
            throw MirrorHaltException.waiting(log.commitFile(file.version()) + " was listed and is gone");
        }
        CommitContent content = DeltaCommit.parse(bytes.get());
        if (content instanceof CommitContent.Refused refused) {
            throw MirrorHaltException.stopped(
                    log.commitFile(file.version()) + " can't be carried: " + refused.detail());
        }
        DeltaCommit commit = ((CommitContent.Actions) content).commit();
        Optional<DeltaCommit.Marker> fence =
                commit.marker().filter(marker -> marker.marker().equals(DeltaCommit.Marker.FENCE));
        if (fence.isPresent()) {
            throw MirrorHaltException.stopped("version " + file.version() + " of the source is the fence of epoch "
                    + fence.get().epoch() + " (operation " + fence.get().operation()
                    + "): it is not carried, and nothing after it");
        }
        return new RawCommit(file, bytes.get(), commit);
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

    /** One line that tells a commit from another one of the same version. */
    static String describe(byte[] bytes) {
        String what = bytes.length + " bytes, MD5 " + md5(bytes);
        if (DeltaCommit.parse(bytes) instanceof CommitContent.Actions actions) {
            DeltaCommit commit = actions.commit();
            return what
                    + commit.time().map(time -> ", committed " + time).orElse("")
                    + commit.marker()
                            .map(m ->
                                    ", the " + m.marker() + " of epoch " + m.epoch() + " by operation " + m.operation())
                            .orElse("");
        }
        return what;
    }

    private static String md5(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has MD5", e);
        }
    }
}
