package io.breakwater.controller.app;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.controller.core.ControlEvent;
import io.breakwater.controller.core.EvidenceEntry;
import io.breakwater.controller.core.FencedJob;
import io.breakwater.controller.core.GroupState;
import io.breakwater.controller.core.JobFence;
import io.breakwater.controller.runbook.steps.EarlierSnapshots;
import io.breakwater.controller.runbook.steps.EarlierSnapshots.Folder;
import io.breakwater.platform.AssetId;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.InvalidPlatformException;
import io.breakwater.platform.Platform;
import io.breakwater.region.ObjectStoreException;
import io.breakwater.region.RegionClients;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes what earlier runs of flows have brought of jobs to a standby, once the running flow has announced a snapshot
 * there and the time of {@code snapshot.earlier} is over. That it is deleted is an entry of the evidence log before it is.
 * The last snapshots of jobs that were ended in the region stay. On the leader; of a leader that has been deposed and
 * does not know, nothing else is deleted, because an epoch that is past stays past.
 */
final class EarlierSnapshotsDuty implements Runnable {

    static final String RETENTION = "snapshot.earlier";

    private static final Logger LOG = LoggerFactory.getLogger(EarlierSnapshotsDuty.class);
    private static final String DEFAULT_RETENTION = "P7D";
    private static final Duration LONGEST = Duration.ofDays(3650);
    private static final Duration MOST_OFTEN = Duration.ofMinutes(1);
    private static final Duration MOST_RARELY = Duration.ofHours(1);
    private static final long ANSWER_SECONDS = 10;

    private final Platform platform;
    private final RegionClients clients;
    private final ControlPlane plane;
    private final BooleanSupplier leads;
    private final Clock clock;

    EarlierSnapshotsDuty(
            Platform platform, RegionClients clients, ControlPlane plane, BooleanSupplier leads, Clock clock) {
        this.platform = platform;
        this.clients = clients;
        this.plane = plane;
        this.leads = leads;
        this.clock = clock;
    }

    /**
     * To be asked at the node's start: a wrong setting found later would end the duty.
     *
     * @param file the platform file, for the message
     * @throws InvalidPlatformException with a line for each job whose setting is wrong
     */
    static void check(Path file, Platform platform) {
        List<String> wrong = new ArrayList<>();
        platform.groups().forEach((name, group) -> {
            for (AssetSpec job : group.assets(AssetSpec.FLINK_JOB)) {
                if (retention(job).isEmpty()) {
                    wrong.add(
                            file + ": groups." + name + ".assets: flink-job " + job.required("name") + ": " + RETENTION
                                    + " is '" + job.setting(RETENTION).orElse(DEFAULT_RETENTION)
                                    + "'; it is a duration such as " + DEFAULT_RETENTION + ", above 0 and at most "
                                    + LONGEST.toDays() + " days");
                }
            }
        });
        if (!wrong.isEmpty()) {
            throw new InvalidPlatformException(wrong);
        }
    }

    /** Empty if what is set cannot be one. */
    private static Optional<Duration> retention(AssetSpec job) {
        try {
            return Optional.of(Duration.parse(job.setting(RETENTION).orElse(DEFAULT_RETENTION)))
                    .filter(time -> !time.isNegative() && !time.isZero() && time.compareTo(LONGEST) <= 0);
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    /** Each hour, or as often as the shortest time is over for which anything is kept. */
    private Duration interval() {
        Duration shortest = platform.groups().values().stream()
                .flatMap(group -> group.assets(AssetSpec.FLINK_JOB).stream())
                .flatMap(job -> retention(job).stream())
                .min(Comparator.naturalOrder())
                .orElse(MOST_RARELY);
        Duration atLeast = shortest.compareTo(MOST_OFTEN) < 0 ? MOST_OFTEN : shortest;
        return atLeast.compareTo(MOST_RARELY) > 0 ? MOST_RARELY : atLeast;
    }

    @Override
    public void run() {
        long interval = interval().toMillis();
        try {
            while (!Thread.currentThread().isInterrupted()) {
                TimeUnit.MILLISECONDS.sleep(interval);
                if (leads.getAsBoolean()) {
                    for (Map.Entry<String, GroupState> group :
                            plane.state().groups().entrySet()) {
                        look(group.getKey(), group.getValue());
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Once; a store that does not answer is asked again the next time. */
    void look(String name, GroupState group) throws InterruptedException {
        Optional<Epoch> running = group.segments().open(group.flow()).map(segment -> segment.epoch());
        if (running.isEmpty()
                || group.operation().isPresent()
                || !platform.groups().containsKey(name)) {
            return;
        }
        String region = group.standby();
        EarlierSnapshots earlier = new EarlierSnapshots(
                clients.objectStore(region), platform.region(region).objectStore(), name);
        List<String> kept = group.jobFence().map(JobFence::ended).orElse(List.of()).stream()
                .map(FencedJob::snapshot)
                .flatMap(Optional::stream)
                .toList();
        for (AssetSpec job : platform.group(name).assets(AssetSpec.FLINK_JOB)) {
            Instant before = clock.instant().minus(retention(job).orElse(LONGEST));
            try {
                if (isAnnounced(name, group, job, earlier, running.get())) {
                    for (Folder folder : earlier.expired(job.required("name"), running.get(), before, kept)) {
                        delete(name, group, region, earlier, folder);
                    }
                }
            } catch (ObjectStoreException e) {
                LOG.warn(
                        "group={} region={} asset={} snapshots of earlier flows stay for now: {}",
                        name,
                        region,
                        job.required("name"),
                        e.getMessage());
            }
        }
    }

    private boolean isAnnounced(String name, GroupState group, AssetSpec job, EarlierSnapshots earlier, Epoch running) {
        AssetId asset = new AssetId(AssetSpec.FLINK_JOB, job.required("name"));
        String below = earlier.place(asset.name(), running).resolve("").toString();
        return plane.receipts(group.standby()).stream()
                .filter(receipt -> receipt.group().equals(name)
                        && receipt.flow().equals(group.flow())
                        && receipt.asset().equals(asset))
                .flatMap(receipt -> receipt.position().location().stream())
                .anyMatch(place -> place.startsWith(below));
    }

    private void delete(String name, GroupState group, String region, EarlierSnapshots earlier, Folder folder)
            throws InterruptedException {
        ObjectNode detail = JsonNodeFactory.instance
                .objectNode()
                .put("region", region)
                .put("job", folder.job())
                .put("place", folder.place().toString())
                .put("flowOfEpoch", folder.epoch().number())
                .put("objects", folder.objects())
                .put("bytes", folder.bytes())
                .put("newest", folder.newest().toString());
        List<String> entries = new EvidenceEntry(
                        clock.instant(),
                        "snapshots-deleted",
                        name,
                        Optional.of(group.epoch()),
                        Optional.empty(),
                        Optional.empty(),
                        detail)
                .texts();
        if (isRecorded(new ControlEvent.EvidenceRecorded(entries))) {
            earlier.delete(folder);
            LOG.info(
                    "group={} region={} asset={} {} objects of the flow of epoch {} deleted",
                    name,
                    region,
                    folder.job(),
                    folder.objects(),
                    folder.epoch());
        }
    }

    private boolean isRecorded(ControlEvent.EvidenceRecorded event) throws InterruptedException {
        try {
            return !plane.propose(event)
                    .toCompletableFuture()
                    .get(ANSWER_SECONDS, TimeUnit.SECONDS)
                    .isRefused();
        } catch (ExecutionException | TimeoutException e) {
            LOG.info("deletion of snapshots of earlier flows: no answer through consensus: {}", e.toString());
            return false;
        }
    }
}
