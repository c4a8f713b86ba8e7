package io.breakwater.replicator.delta;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.platform.Json;
import io.breakwater.region.CommitContent;
import io.breakwater.region.DeltaCommit.CommitInfo;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.LogFile;
import io.breakwater.region.LogFile.Kind;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStore.PutOutcome;
import io.breakwater.region.ObjectUri;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Makes a table what it was at one of its versions, by a commit after its newest one: files that came since are taken
 * out, files that went are brought back, and the history stays. It is put only where nothing stands; another writer's
 * commit in between makes it think again. Files are looked for before anything is written.
 */
public final class TableRestore {

    private static final int ATTEMPTS = 5;
    private static final int NAMED = 5;

    /** What came of it. */
    public sealed interface Outcome {

        /**
         * @param version of the commit that was made
         * @param removed files that are no longer part of the table
         * @param added files that are again
         */
        record Restored(long version, int removed, int added) implements Outcome {}

        /**
         * Versions that a delay held back were put on the replica: the source's own commits.
         *
         * @param versions how many
         */
        record Released(long version, int versions) implements Outcome {}

        /** The table is what it was already; nothing was written. */
        record Same(long version) implements Outcome {}

        /** Nothing was written. */
        record Refused(String reason) implements Outcome {}
    }

    private final ObjectStore store;
    private final DeltaLogFiles log;
    private final Clock clock;

    public TableRestore(ObjectStore store, ObjectUri table, Clock clock) {
        this.store = store;
        this.log = new DeltaLogFiles(store, table);
        this.clock = clock;
    }

    /**
     * @param version of the table's log; or one that a delay holds back from it: then it and those before it are put
     * @param detach a replica that a mirror follows is noted as detached before, and the mirror stops; without it such a
     *     table is refused
     * @throws io.breakwater.region.ObjectStoreException if the store fails
     */
    public Outcome restore(long version, boolean detach) throws InterruptedException {
        long newest = log.newestVersion().orElse(-1);
        if (version > newest && newest >= 0) {
            return new HeldRelease(store, log, clock).upTo(newest, version);
        }
        Optional<Long> followed = new DetachedReplica(store, log).followedUpTo();
        if (followed.isPresent() && !detach) {
            return new Outcome.Refused("it is a replica, carried up to version " + followed.get()
                    + ": a commit of its own would be a fork. If the source is lost or to be given up, ask again with"
                    + " --detach: the mirror then stops for good; else restore the source, or into another place");
        }
        try {
            for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
                Optional<Outcome> outcome = attempt(version, followed.isPresent());
                if (outcome.isPresent()) {
                    return outcome.get();
                }
            }
            return new Outcome.Refused("other writers were faster " + ATTEMPTS + " times: stop them, and ask again");
        } catch (MirrorHaltException e) {
            return new Outcome.Refused(String.valueOf(e.getMessage()));
        }
    }

    /** @return empty if somebody else's commit came in between */
    private Optional<Outcome> attempt(long version, boolean detach) throws MirrorHaltException, InterruptedException {
        OptionalLong newest = log.newestVersion();
        if (newest.isEmpty()) {
            return Optional.of(new Outcome.Refused("no Delta table at " + log.table()));
        }
        long from = newest.getAsLong();
        TableState then = state(store, log, version);
        TableState now = state(store, log, from);
        RestorableState restorable = new RestorableState(then, now);
        Optional<String> obstacle = restorable.obstacle().or(() -> missing(then, version));
        if (obstacle.isPresent()) {
            return Optional.of(new Outcome.Refused(obstacle.get()));
        }
        Instant time = clock.instant();
        List<String> actions = restorable.actions(time.toEpochMilli());
        if (actions.isEmpty()) {
            return Optional.of(new Outcome.Same(from));
        }
        if (detach) {
            new DetachedReplica(store, log).detach(time, "restored to version " + version);
        }
        int removed = then.filesMissingFrom(now).size();
        int added = now.filesMissingFrom(then).size();
        String bytes = info(version, from, time, removed, added) + "\n" + String.join("\n", actions) + "\n";
        return store.putIfAbsent(log.commitFile(from + 1), bytes.getBytes(StandardCharsets.UTF_8)) == PutOutcome.CREATED
                ? Optional.of(new Outcome.Restored(from + 1, removed, added))
                : Optional.empty();
    }

    private Optional<String> missing(TableState then, long version) {
        try {
            List<String> missing = SnapshotFiles.of(then).missing(store, log.table());
            return missing.isEmpty() ? Optional.empty() : Optional.of(gone(version, missing));
        } catch (MirrorHaltException e) {
            return Optional.of("version " + version + ": " + e.getMessage());
        }
    }

    static String gone(long version, List<String> files) {
        return files.size() + " files of version " + version + " are gone, such as "
                + files.stream().limit(NAMED).collect(Collectors.joining(", "));
    }

    /**
     * What a table was at a version.
     *
     * @throws MirrorHaltException if the log does not say that
     */
    static TableState state(ObjectStore store, DeltaLogFiles log, long version)
            throws MirrorHaltException, InterruptedException {
        List<LogFile> listed = log.listFrom(0);
        Set<Long> commits = listed.stream()
                .filter(file -> file.kind() == Kind.COMMIT)
                .map(LogFile::version)
                .collect(Collectors.toSet());
        if (!commits.contains(version)) {
            throw MirrorHaltException.stopped("version " + version + " is not in the log of " + log.table());
        }
        long base = Checkpoint.among(listed).stream()
                .mapToLong(Checkpoint::version)
                .filter(checkpoint -> checkpoint <= version)
                .max()
                .orElse(-1);
        for (long each = base + 1; each <= version; each++) {
            if (!commits.contains(each)) {
                throw MirrorHaltException.stopped("version " + version + " can't be made out: the log of " + log.table()
                        + " has neither commit " + each + " nor a checkpoint after it");
            }
        }
        return TableState.at(store, log, version);
    }

    private String info(long version, long from, Instant time, int removed, int added) {
        ObjectNode info = Json.MAPPER.createObjectNode();
        info.put("timestamp", time.toEpochMilli());
        // PROTOCOL.md, "In-Commit Timestamps": in the first action, and later than the one before it.
        log.content(from)
                .flatMap(content -> content instanceof CommitContent.Actions actions
                        ? actions.commit().info().flatMap(CommitInfo::inCommitTimestamp)
                        : Optional.empty())
                .ifPresent(before ->
                        info.put("inCommitTimestamp", Math.max(time.toEpochMilli(), before.toEpochMilli() + 1)));
        info.put("operation", "RESTORE");
        info.putObject("operationParameters").put("version", version).putNull("timestamp");
        info.put("readVersion", from).put("isBlindAppend", false);
        info.putObject("operationMetrics")
                .put("numRestoredFiles", Integer.toString(added))
                .put("numRemovedFiles", Integer.toString(removed));
        info.put("engineInfo", "Breakwater");
        return TableState.line("commitInfo", info);
    }
}
