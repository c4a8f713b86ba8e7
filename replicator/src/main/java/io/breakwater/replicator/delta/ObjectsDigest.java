package io.breakwater.replicator.delta;

import io.breakwater.platform.Sha256;
import io.breakwater.region.ObjectStore.ObjectInfo;
import io.breakwater.region.ObjectUri;
import io.breakwater.replicator.copy.CopyJob;
import io.breakwater.replicator.copy.CopyOutcome;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * One digest for all objects that a version brought: SHA-256 over a line {@code path size tag} for each, ended by a line
 * feed, in UTF-8 and in the order of their bytes, as {@code LC_ALL=C sort} has it. The path is the object's key below the
 * table's root, the size is in bytes, and the tag is the one that the replica's store has for the object: the MD5 of its
 * bytes mostly, and what was held against the source when it arrived.
 */
final class ObjectsDigest {

    /** Beyond so many, objects are not asked for one by one when a mirror begins. */
    private static final int MOST_ASKED = 1000;

    private final String root;
    private final TreeSet<byte[]> lines = new TreeSet<>(Arrays::compareUnsigned);

    private ObjectsDigest(ObjectUri table) {
        this.root = table.resolve("").key();
    }

    /** @param outcomes of the copies of all that the commit names, and of others; what did not arrive is left out */
    static String of(MirroredTable table, RawCommit commit, Map<CopyJob, CopyOutcome> outcomes) {
        ObjectsDigest digest = new ObjectsDigest(table.target().table());
        for (CopyJob job : table.data(commit)) {
            if (outcomes.get(job) instanceof CopyOutcome.Arrived arrived) {
                digest.add(job.to(), arrived.size(), arrived.tag());
            }
        }
        return digest.hex();
    }

    /** Of a version that was not carried just now; empty if it has too many objects to ask for. */
    static Optional<String> onReplica(MirroredTable table, RawCommit commit) {
        Collection<CopyJob> jobs = table.data(commit);
        if (jobs.size() > MOST_ASKED) {
            return Optional.empty();
        }
        ObjectsDigest digest = new ObjectsDigest(table.target().table());
        for (CopyJob job : jobs) {
            Optional<ObjectInfo> there = table.targetStore().head(job.to());
            there.ifPresent(info -> digest.add(info.uri(), info.size(), info.etag()));
        }
        return Optional.of(digest.hex());
    }

    private void add(ObjectUri object, long size, String tag) {
        String path = object.key().substring(root.length());
        lines.add((path + " " + size + " " + tag + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private String hex() {
        MessageDigest digest = Sha256.digest();
        lines.forEach(digest::update);
        return HexFormat.of().formatHex(digest.digest());
    }
}
