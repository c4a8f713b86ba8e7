package io.breakwater.replicator.flink;

import io.breakwater.region.FlinkRest.SavepointFormat;
import io.breakwater.region.ObjectUri;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What of a job is carried over; the values of setting {@code snapshot.kind}. */
enum SnapshotKind {
    /** A savepoint is triggered; all its files travel. */
    NATIVE_SAVEPOINT,

    /** As above, in the form that other state backends read too; larger, and slower to make. */
    CANONICAL_SAVEPOINT,

    /** The job's own newest checkpoint; of an incremental one only files travel that are not on the standby. */
    RETAINED_CHECKPOINT;

    /** @throws IllegalArgumentException naming all that there are */
    static SnapshotKind parse(String text) {
        return Arrays.stream(values())
                .filter(kind -> kind.toString().equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "snapshot.kind: '" + text + "' is unknown; there are " + List.of(values())));
    }

    boolean sharesFiles() {
        return this == RETAINED_CHECKPOINT;
    }

    /** @param directory for savepoints */
    SnapshotOrigin origin(RunningJob job, String name, ObjectUri directory) {
        return switch (this) {
            case NATIVE_SAVEPOINT -> new SavepointTaker(job, name, SavepointFormat.NATIVE, directory);
            case CANONICAL_SAVEPOINT -> new SavepointTaker(job, name, SavepointFormat.CANONICAL, directory);
            case RETAINED_CHECKPOINT -> new RetainedCheckpoint(job, name);
        };
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
