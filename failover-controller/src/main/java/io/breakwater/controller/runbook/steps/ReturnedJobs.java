package io.breakwater.controller.runbook.steps;

import io.breakwater.controller.core.FencedJob;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.Platform;
import io.breakwater.region.FlinkRest;
import io.breakwater.region.FlinkRest.Checkpoint;
import io.breakwater.region.FlinkRest.Checkpoints;
import io.breakwater.region.FlinkRest.Job;
import io.breakwater.region.FlinkRest.Restored;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStoreException;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.RegionClients;
import io.breakwater.region.RestAnswer;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A group's jobs in a region that it has left: found by the names of the platform file, and ended. Nothing is asked of
 * a job first that could make it commit, such as a savepoint with its stop; its last snapshot stays where it is if the
 * job retains its checkpoints when it is cancelled.
 */
public final class ReturnedJobs {

    private static final String METADATA = "_metadata";

    private final FlinkRest flink;
    private final ObjectStore store;
    private final Set<String> names;
    private final Clock clock;

    public ReturnedJobs(Platform platform, RegionClients clients, String group, String region, Clock clock) {
        this.flink = clients.flink(region);
        this.store = clients.objectStore(region);
        this.names = platform.group(group).assets(AssetSpec.FLINK_JOB).stream()
                .map(spec -> spec.required("name"))
                .collect(Collectors.toUnmodifiableSet());
        this.clock = clock;
    }

    /** Those that are not at their end, without those of drills. */
    public RestAnswer<List<Job>> running() throws InterruptedException {
        return flink.jobs()
                .map(jobs -> jobs.stream()
                        .filter(job -> names.contains(job.name()) && !job.terminal() && !JobRestore.isDrill(job.id()))
                        .toList());
    }

    /** How it went with one job. */
    public sealed interface Outcome {
        record Ended(FencedJob job) implements Outcome {}

        record StillThere(String reason) implements Outcome {}
    }

    /** Cancels a job and waits for its end, up to 20 s. */
    public Outcome end(Job job) throws InterruptedException {
        Optional<String> before = snapshot(job.id());
        Optional<String> obstacle = new JobEnd(flink).end(job.id());
        if (obstacle.isPresent()) {
            return new Outcome.StillThere(obstacle.get());
        }
        // One may have been completed between the question and the end.
        Optional<String> snapshot = snapshot(job.id()).or(() -> before);
        return new Outcome.Ended(new FencedJob(
                job.name(),
                job.id(),
                clock.instant(),
                snapshot,
                snapshot.map(this::kept).orElse(FencedJob.Kept.unknown)));
    }

    private Optional<String> snapshot(String jobId) throws InterruptedException {
        Optional<Checkpoints> checkpoints = flink.checkpoints(jobId).ifOk();
        return checkpoints
                .flatMap(Checkpoints::latest)
                .map(Checkpoint::location)
                .or(() -> checkpoints.flatMap(Checkpoints::restored).map(Restored::location));
    }

    private FencedJob.Kept kept(String snapshot) {
        try {
            return store.head(ObjectUri.parse(snapshot).resolve(METADATA)).isPresent()
                    ? FencedJob.Kept.kept
                    : FencedJob.Kept.gone;
        } catch (ObjectStoreException | IllegalArgumentException e) {
            // A store that is not back yet, or a place that is in no store.
            return FencedJob.Kept.unknown;
        }
    }
}
