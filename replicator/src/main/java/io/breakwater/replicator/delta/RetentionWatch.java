package io.breakwater.replicator.delta;

import io.breakwater.platform.Alarm;
import io.breakwater.region.DeltaCommit.Metadata;
import io.breakwater.region.ObjectStoreException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Warns before the source removes what a mirror that is behind still needs: from half of the time on for which the
 * source keeps it. For one thread, but for {@link #alarm}.
 */
final class RetentionWatch {

    /** Nobody is warned below that, and the properties of the table are not even read. */
    private static final Duration NOT_WORTH_A_LOOK = Duration.ofMinutes(10);

    private static final Duration BETWEEN_READS = Duration.ofHours(1);

    private final MirroredTable table;
    private Optional<Instant> since = Optional.empty();
    private SourceRetention retention = SourceRetention.STANDARD;
    private Instant nextRead = Instant.MIN;
    private volatile Optional<Alarm> alarm = Optional.empty();

    RetentionWatch(MirroredTable table) {
        this.table = table;
    }

    /** Nothing newer was at the source. */
    void caughtUp(Instant asOf) {
        since = Optional.of(asOf);
    }

    /** @param oldest when the oldest version was committed that the replica does not have */
    void behind(Instant oldest) {
        since = Optional.of(oldest);
    }

    /** To be called after each step, whatever came of it: a source that is not reached goes on, as far as anyone knows. */
    void look(Instant now) throws InterruptedException {
        Duration lag = since.map(oldest -> Duration.between(oldest, now)).orElse(Duration.ZERO);
        if (lag.compareTo(NOT_WORTH_A_LOOK) < 0) {
            alarm = Optional.empty();
            nextRead = Instant.MIN;
            return;
        }
        if (!now.isBefore(nextRead)) {
            retention = read().orElse(retention);
            nextRead = now.plus(BETWEEN_READS);
        }
        alarm = reason(lag)
                .map(reason -> new Alarm(
                        "table-retention",
                        table.asset().toString(),
                        table.asset() + ": the replica lacks what was committed since " + since.orElse(now)
                                + ", and the source "
                                + reason
                                + ". Remedy: find out why the mirror is behind; until it is not, let nobody VACUUM"
                                + " the source, or raise that property",
                        false));
    }

    private Optional<String> reason(Duration lag) {
        if (lag.multipliedBy(2).compareTo(retention.deletedFiles()) > 0) {
            return Optional.of(
                    "keeps removed files for " + retention.deletedFiles() + " (" + SourceRetention.DELETED_FILES + ")");
        }
        return lag.multipliedBy(2).compareTo(retention.log()) > 0
                ? Optional.of("keeps its log for " + retention.log() + " (" + SourceRetention.LOG + ")")
                : Optional.empty();
    }

    /** Of a source that can't be read now, what was known before counts, or the defaults. */
    private Optional<SourceRetention> read() throws InterruptedException {
        try {
            return TableIdentity.metadata(table.sourceStore(), table.source())
                    .map(Metadata::configuration)
                    .map(SourceRetention::of);
        } catch (MirrorHaltException | ObjectStoreException e) {
            return Optional.empty();
        }
    }

    /** From any thread. */
    Optional<Alarm> alarm() {
        return alarm;
    }
}
