package io.breakwater.local.flights;

import io.breakwater.local.journal.Entry;
import io.breakwater.local.journal.JournalWriter;
import io.breakwater.platform.Region;
import io.breakwater.region.FlinkRest;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Looks at the Flink clusters of all regions and journals the first completed checkpoint of each job of one name: Flink
 * itself soon forgets it. Runs on a thread of its own; a cluster that does not answer is asked again.
 */
final class JobWatch implements Runnable {

    private static final Duration EVERY = Duration.ofMillis(500);
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    private final Map<String, FlinkRest> clusters = new HashMap<>();
    private final String job;
    private final JournalWriter journal;
    private final Stop stop;
    private final Set<String> seen = new HashSet<>();

    JobWatch(Map<String, Region> regions, String job, JournalWriter journal, Stop stop) {
        regions.forEach((name, region) ->
                clusters.put(name, new FlinkRest(region.flink().url(), TIMEOUT)));
        this.job = job;
        this.journal = journal;
        this.stop = stop;
    }

    @Override
    public void run() {
        try {
            while (!stop.waitFor(EVERY)) {
                for (Map.Entry<String, FlinkRest> cluster : clusters.entrySet()) {
                    look(cluster.getKey(), cluster.getValue());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look(String region, FlinkRest flink) throws InterruptedException {
        Optional<FlinkRest.Job> running =
                flink.jobNamed(job).ifOk().flatMap(found -> found).filter(found -> !seen.contains(found.id()));
        if (running.isEmpty()) {
            return;
        }
        String id = running.get().id();
        Optional<FlinkRest.Checkpoints> checkpoints = flink.checkpoints(id).ifOk();
        checkpoints.flatMap(FlinkRest.Checkpoints::latest).ifPresent(checkpoint -> {
            seen.add(id);
            String restoredFrom = checkpoints
                    .flatMap(FlinkRest.Checkpoints::restored)
                    .map(FlinkRest.Restored::location)
                    .orElse("");
            journal.append(new Entry.JobCheckpoint(
                    region,
                    id,
                    restoredFrom,
                    checkpoint.id(),
                    checkpoint.triggered().toEpochMilli(),
                    System.currentTimeMillis()));
            journal.flush();
        });
    }
}
