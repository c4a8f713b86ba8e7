package io.breakwater.replicator.flink;

import io.breakwater.platform.AssetId;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.InvalidPlatformException;
import io.breakwater.platform.JobOutputs;
import io.breakwater.platform.ProtectionGroup;
import io.breakwater.replicator.flink.snapshot.SinkPolicy;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.List;

/**
 * An asset of kind {@code flink-job}, as far as the replicator needs it.
 *
 * @param name the job's name, as it runs
 * @param jar where its jar is, with the bucket's role
 * @param every from one snapshot to the next; one that takes longer delays the next one
 * @param keep how many restorable snapshots stay on each side
 */
record FlinkJobAsset(
        String name, String jar, SnapshotKind kind, Duration every, SinkPolicy sink, int keep, JobOutputs outputs) {

    private static final String EVERY = "snapshot.every";
    private static final String KIND = "snapshot.kind";
    private static final String KEEP = "snapshot.keep";
    private static final String DEFAULT_KEEP = "3";

    /** @throws InvalidPlatformException if a setting is missing or wrong */
    static FlinkJobAsset of(ProtectionGroup group, AssetSpec spec) {
        String name = spec.required("name");
        if (name.contains("/")) {
            throw wrong(name, "name", "a job's name has no '/'");
        }
        try {
            Duration every = Duration.parse(spec.required(EVERY));
            int keep = Integer.parseInt(spec.setting(KEEP).orElse(DEFAULT_KEEP));
            if (every.compareTo(Duration.ofSeconds(1)) < 0 || keep < 1) {
                throw wrong(name, EVERY, "at least PT1S, and " + KEEP + " at least 1");
            }
            SnapshotKind kind = SnapshotKind.parse(spec.setting(KIND).orElse(SnapshotKind.NATIVE_SAVEPOINT.toString()));
            SinkPolicy sink = SinkPolicy.parse(spec.setting("sink").orElse(SinkPolicy.KEEP.toString()));
            return new FlinkJobAsset(name, spec.required("jar"), kind, every, sink, keep, JobOutputs.of(group, spec));
        } catch (DateTimeParseException | NumberFormatException e) {
            throw wrong(name, "snapshot", String.valueOf(e.getMessage()));
        } catch (InvalidPlatformException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw wrong(name, "settings", String.valueOf(e.getMessage()));
        }
    }

    private static InvalidPlatformException wrong(String job, String setting, String why) {
        return new InvalidPlatformException(List.of("assets: flink-job " + job + ": " + setting + ": " + why));
    }

    AssetId id() {
        return new AssetId(AssetSpec.FLINK_JOB, name);
    }
}
