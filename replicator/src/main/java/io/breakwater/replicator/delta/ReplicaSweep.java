package io.breakwater.replicator.delta;

import io.breakwater.platform.Epoch;
import io.breakwater.region.ObjectStore.ObjectInfo;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.ReplicaNotes;
import io.breakwater.region.VersionTimes;
import io.breakwater.region.fork.KeptLog;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Takes files away from a replica: those that the source has vacuumed, once no version that is kept needs them, and
 * those that no version ever named, which interrupted copies have left. Nothing is taken away while the replica is not
 * just the source's newest version: then files may have come for a version that has not.
 *
 * <p>It lists the whole table; run it a few times a day, by whoever runs the mirror and between the mirror's steps.
 */
public final class ReplicaSweep {

    /** Younger files may belong to a copy that goes on, whatever the clocks say. */
    public static final Duration ORPHAN_AGE = Duration.ofDays(1);

    /** What came of it. */
    public sealed interface Outcome {

        /**
         * @param vacuumed how many files went because the source has vacuumed them
         * @param orphans how many that no version named
         * @param bytes of both
         */
        record Swept(int vacuumed, int orphans, long bytes) implements Outcome {}

        /** Nothing was taken away. */
        record NotNow(String reason) implements Outcome {}
    }

    private static final String EPOCH_FOLDER = KeptLog.FOLDER.substring("aside/".length());

    private final MirroredTable table;
    private final Clock clock;

    public ReplicaSweep(MirroredTable table, Clock clock) {
        this.table = table;
        this.clock = clock;
    }

    /**
     * @param kept versions that recovery points name, to be kept beyond the policy's time
     * @throws io.breakwater.region.ObjectStoreException if a store fails; what was taken away until then is gone
     */
    public Outcome sweep(Set<Long> kept) throws InterruptedException {
        OptionalLong newest = table.target().newestVersion();
        if (newest.isEmpty() || !newest.equals(table.source().newestVersion())) {
            return new Outcome.NotNow("the replica is not at the source's newest version");
        }
        byte[] there = table.target().commit(newest.getAsLong()).orElse(new byte[0]);
        byte[] meant = table.source().commit(newest.getAsLong()).orElse(new byte[0]);
        if (!Arrays.equals(there, meant)) {
            return new Outcome.NotNow("version " + newest.getAsLong() + " of the replica is not the source's own");
        }
        try {
            return sweep(NamedFiles.of(table.targetStore(), table.target()), keptFrom(kept));
        } catch (MirrorHaltException e) {
            return new Outcome.NotNow(String.valueOf(e.getMessage()));
        }
    }

    /** The oldest version that must stay readable; empty if all must. */
    private OptionalLong keptFrom(Set<Long> kept) {
        if (table.policy().vacuum() == MirrorPolicy.Vacuum.KEEP) {
            return OptionalLong.empty();
        }
        OptionalLong byTime = new VersionTimes(
                        table.targetStore(), table.target().table())
                .asOf(clock.instant().minus(table.policy().keep()));
        if (byTime.isEmpty()) {
            return byTime;
        }
        long oldest = kept.stream().mapToLong(Long::longValue).min().orElse(Long.MAX_VALUE);
        return OptionalLong.of(Math.min(oldest, byTime.getAsLong()));
    }

    private Outcome sweep(NamedFiles named, OptionalLong keptFrom) {
        ObjectUri root = table.target().table();
        String prefix = root.resolve("").key();
        Instant youngest = clock.instant().minus(ORPHAN_AGE);
        boolean aside = isNamedAside(root);
        int vacuumed = 0;
        int orphans = 0;
        long bytes = 0;
        List<ObjectInfo> files = table.targetStore().list(new ObjectUri(root.bucket(), prefix));
        // Another table below this one is none of its files, and left alone.
        boolean holdsOthers =
                files.stream().anyMatch(file -> file.uri().key().indexOf("/_delta_log/", prefix.length()) >= 0);
        for (ObjectInfo file : files) {
            String path = file.uri().key().substring(prefix.length());
            if (path.startsWith("_delta_log/")) {
                continue;
            }
            boolean over = keptFrom.isPresent() && named.isOver(path, keptFrom.getAsLong()) && isGoneAtSource(path);
            boolean orphan = !aside
                    && !holdsOthers
                    && !isHidden(path)
                    && !named.isNamed(path)
                    && file.lastModified().isBefore(youngest);
            if (over || orphan) {
                table.targetStore().delete(file.uri());
                vacuumed += over ? 1 : 0;
                orphans += over ? 0 : 1;
                bytes += file.size();
            }
        }
        return new Outcome.Swept(vacuumed, orphans, bytes);
    }

    /**
     * Whether data files may be named only by a log that was moved aside: of a table made anew for good, of commits that
     * the other region never got for as long as versions are kept.
     */
    private boolean isNamedAside(ObjectUri root) {
        for (String folder : table.targetStore().folders(ReplicaNotes.of(root, "aside"))) {
            String epoch = folder.startsWith(EPOCH_FOLDER) ? folder.substring(EPOCH_FOLDER.length()) : "";
            Optional<KeptLog> kept = epoch.matches("[1-9]\\d*")
                    ? KeptLog.read(table.targetStore(), root, new Epoch(Long.parseLong(epoch)))
                    : Optional.empty();
            Instant until = clock.instant().minus(table.policy().keep());
            if (kept.filter(log -> log.keptAt().isBefore(until)).isEmpty()) {
                return true;
            }
        }
        return false;
    }

    /** As in Delta's own vacuum: what begins with an underscore or a dot is somebody else's. */
    private static boolean isHidden(String path) {
        return Arrays.stream(path.split("/", -1)).anyMatch(name -> name.startsWith("_") || name.startsWith("."));
    }

    private boolean isGoneAtSource(String path) {
        // What was copied in lies elsewhere at the source, and is not its to vacuum.
        return !path.startsWith("cloned") && head(path).isEmpty();
    }

    private Optional<ObjectInfo> head(String path) {
        return table.sourceStore().head(table.source().table().resolve(path));
    }
}
