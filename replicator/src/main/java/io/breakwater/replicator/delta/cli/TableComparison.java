package io.breakwater.replicator.delta.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.platform.Json;
import io.breakwater.region.BridgeMark;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.LogFile;
import io.breakwater.replicator.delta.ByteComparison;
import io.breakwater.verification.VerificationResult;
import io.breakwater.verification.delta.DeltaVerifier;
import io.breakwater.verification.delta.DeltaVerifier.Side;
import io.breakwater.verification.delta.TableReader;
import io.breakwater.verification.delta.TableReader.UnreadableTableException;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Holds versions of a replica against its source, by a reader of tables that has no part in copying them, and the objects
 * of both, byte by byte.
 */
record TableComparison(TablePlace source, TablePlace target, ByteComparison bytes) {

    TableComparison(TablePlace source, TablePlace target) {
        this(source, target, new ByteComparison(source.store(), source.table(), target.store(), target.table()));
    }

    /** What was found at one version. */
    sealed interface Found {

        long version();

        /** @param figures what was compared */
        record Same(long version, ObjectNode figures) implements Found {}

        record Differs(long version, List<String> differences) implements Found {}

        /** The source can't read the version any more, as after a vacuum; the replica is right by itself. */
        record OnlyReplica(long version, String reason) implements Found {}

        /** Neither side can read it. */
        record Neither(long version, String reason) implements Found {}
    }

    /** Versions that both logs have, ascending. */
    NavigableSet<Long> common() {
        NavigableSet<Long> versions = versions(source.log());
        versions.retainAll(versions(target.log()));
        return versions;
    }

    private static NavigableSet<Long> versions(DeltaLogFiles log) {
        return log.commitsAfter(-1).stream().map(LogFile::version).collect(Collectors.toCollection(TreeSet::new));
    }

    /** What the replica has that can't come from the source; empty if it only is as far as the source, or behind. */
    Optional<String> ahead() {
        OptionalLong theirs = source.log().newestVersion();
        OptionalLong ours = target.log().newestVersion();
        return ours.isPresent() && theirs.isPresent() && ours.getAsLong() > theirs.getAsLong()
                ? Optional.of("the replica is at version " + ours.getAsLong() + ", past the source's newest, "
                        + theirs.getAsLong() + ": somebody wrote to the replica, or the source was set back")
                : Optional.empty();
    }

    /** @param older whether a source that can't read the version any more is no difference */
    Found at(long version, boolean older) throws InterruptedException {
        Found found = byContent(version, older);
        List<String> differences = found instanceof Found.Neither ? List.of() : bytes.differences(version);
        if (!differences.isEmpty()) {
            List<String> all = new ArrayList<>(differences);
            if (found instanceof Found.Differs differs) {
                all.addAll(differs.differences());
            }
            return new Found.Differs(version, all);
        }
        if (found instanceof Found.Same same) {
            same.figures().put("objectsCompared", bytes.objects()).put("bytesCompared", bytes.bytes());
        }
        return found;
    }

    private Found byContent(long version, boolean older) {
        if (target.log().commit(version).filter(BridgeMark::isFilling).isPresent()) {
            return new Found.Neither(version, "it fills a gap of the source's log");
        }
        try {
            return found(
                    version,
                    new DeltaVerifier()
                            .verify(
                                    target.store(),
                                    target.table(),
                                    version,
                                    Optional.of(new Side(source.store(), source.table()))));
        } catch (UnreadableTableException e) {
            String reason = String.valueOf(e.getMessage());
            return older && !isReadable(source, version)
                    ? replicaAlone(version, reason)
                    : new Found.Differs(version, List.of(reason));
        }
    }

    private Found replicaAlone(long version, String reason) {
        try {
            VerificationResult result =
                    new DeltaVerifier().verify(target.store(), target.table(), version, Optional.empty());
            return result instanceof VerificationResult.Verified
                    ? new Found.OnlyReplica(version, reason)
                    : new Found.Neither(version, reason);
        } catch (UnreadableTableException e) {
            return new Found.Neither(version, String.valueOf(e.getMessage()));
        }
    }

    private static boolean isReadable(TablePlace place, long version) {
        try {
            return new TableReader(place.store(), place.table())
                            .content(version)
                            .version()
                    == version;
        } catch (UnreadableTableException e) {
            return false;
        }
    }

    private static Found found(long version, VerificationResult result) {
        if (result instanceof VerificationResult.Verified verified) {
            return new Found.Same(version, verified.figures());
        }
        return result instanceof VerificationResult.Mismatch mismatch
                ? new Found.Differs(version, mismatch.differences())
                : new Found.Differs(version, List.of(((VerificationResult.Unverifiable) result).reason()));
    }

    static ObjectNode json(Found found) {
        ObjectNode node = Json.MAPPER.createObjectNode().put("version", found.version());
        if (found instanceof Found.Same same) {
            node.put("outcome", "same").setAll(same.figures());
        } else if (found instanceof Found.Differs differs) {
            node.put("outcome", "differs").putPOJO("differences", differs.differences());
        } else if (found instanceof Found.OnlyReplica only) {
            node.put("outcome", "only-replica").put("reason", only.reason());
        } else {
            node.put("outcome", "neither").put("reason", ((Found.Neither) found).reason());
        }
        return node;
    }
}
