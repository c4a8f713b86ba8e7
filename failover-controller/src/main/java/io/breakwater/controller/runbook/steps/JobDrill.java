package io.breakwater.controller.runbook.steps;

import io.breakwater.controller.runbook.steps.JobRestore.Outcome;
import io.breakwater.controller.runbook.steps.JobRestore.Purpose;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.InvalidPlatformException;
import io.breakwater.platform.Platform;
import io.breakwater.platform.ReceivedSnapshots;
import io.breakwater.platform.Region;
import io.breakwater.platform.ReplicaPosition;
import io.breakwater.region.FlinkRest;
import io.breakwater.region.KafkaAnswer;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStoreException;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.RegionClients;
import io.breakwater.region.RestAnswer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;

/**
 * Restores one job in the standby for real, beside the running replication, and takes it away again. The job reads what
 * is mirrored, and writes to topics, tables and transactional ids of the drill only ({@link DrillSettings}). It begins
 * from the newest restorable snapshot in claim mode NO_CLAIM, so that the snapshot stays what it is.
 *
 * <p>It is no operation of the controller: one that runs would hold up a failover. A failover in the meantime ends the
 * drilled job, because it has the name of the job that is restored then.
 */
public final class JobDrill {

    private static final DateTimeFormatter WORD = DateTimeFormatter.ofPattern(
                    "'drill-'yyyyMMdd't'HHmmss'z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private final Platform platform;
    private final RegionClients clients;
    private final Clock clock;
    private final String group;
    private final String region;

    /** @param region the standby, in which the drill takes place */
    public JobDrill(Platform platform, RegionClients clients, Clock clock, String group, String region) {
        this.platform = platform;
        this.clients = clients;
        this.clock = clock;
        this.group = group;
        this.region = region;
    }

    /** What is done while the restored job runs; its checkpoint is complete, its topics are there. */
    public interface Meanwhile {
        void look(DrillReport.Running running) throws InterruptedException;
    }

    /**
     * Blocks for the whole drill.
     *
     * @param spec of the job
     * @param position the snapshot to restore, which is on the region
     * @param limit for submission, restore and first checkpoint
     * @throws InvalidPlatformException if the platform file does not say how the job can be drilled; nothing was done
     */
    public DrillReport run(AssetSpec spec, ReplicaPosition position, Duration limit, Meanwhile meanwhile)
            throws InterruptedException {
        DrillSettings settings = DrillSettings.of(platform.group(group), spec);
        Instant began = clock.instant();
        String drill = WORD.format(began);
        JobRestore restore = new JobRestore(
                clients.flink(region),
                settings.job().name(),
                drill,
                settings.job().older().within(),
                Purpose.DRILL);
        String snapshot = position.location().orElseThrow();
        DrillTrace trace = trace(settings, drill, began, ObjectUri.parse(snapshot), restore.jobId(snapshot, 1));
        ObjectStore store = clients.objectStore(region);
        trace.store(platform, store);
        Attempt attempt;
        DrillRemoval.Removed removed;
        try {
            attempt =
                    attempt(settings, trace, restore, position, clock.instant().plus(limit), meanwhile);
        } finally {
            removed = new DrillRemoval(platform, clients, trace).remove();
        }
        return new DrillReport(
                drill,
                group,
                trace.job(),
                region,
                position.version().orElse(""),
                snapshot,
                Duration.between(position.sourceTime(), began),
                attempt.running(),
                attempt.written(),
                attempt.failure(),
                removed.removed(),
                removed.left(),
                removed.forgottenLater());
    }

    private record Attempt(Optional<DrillReport.Running> running, Map<String, Long> written, Optional<String> failure) {
        static Attempt failed(String why) {
            return new Attempt(Optional.empty(), Map.of(), Optional.of(why));
        }
    }

    private Attempt attempt(
            DrillSettings settings,
            DrillTrace trace,
            JobRestore restore,
            ReplicaPosition position,
            Instant deadline,
            Meanwhile meanwhile)
            throws InterruptedException {
        try {
            trace.holdSnapshot(clients.objectStore(region));
            create(settings, trace);
            String snapshot = position.location().orElseThrow();
            Outcome outcome = restore.from(position, id -> submit(settings, trace.drill(), snapshot, id), deadline);
            if (!(outcome instanceof Outcome.Proven proven)) {
                return Attempt.failed(outcome.toString());
            }
            DrillReport.Running running = running(trace, proven);
            meanwhile.look(running);
            return new Attempt(
                    Optional.of(running),
                    DrillReport.ends(clients.admin(region), trace.topics()),
                    failureSince(running));
        } catch (KafkaException | ObjectStoreException e) {
            return Attempt.failed(String.valueOf(e.getMessage()));
        }
    }

    /** A job that was restored has to be well until it is ended. */
    private Optional<String> failureSince(DrillReport.Running running) throws InterruptedException {
        RestAnswer<List<String>> exceptions = clients.flink(region).exceptions(running.jobId());
        return exceptions.ifOk().isEmpty()
                ? Optional.of("the restored job does not tell how it is: Flink " + exceptions)
                : exceptions.ifOk().get().stream().findFirst().map(why -> "the restored job failed later: " + why);
    }

    /**
     * Clears away what drills of this group that were cut off have left in the region.
     *
     * @param olderThan drills that began later may be running
     * @return what is left of each, by the drill's word; an empty list if nothing is
     */
    public Map<String, List<String>> clear(Duration olderThan) throws InterruptedException {
        Map<String, List<String>> left = new TreeMap<>();
        Instant before = clock.instant().minus(olderThan);
        for (DrillTrace trace : DrillTrace.found(platform, clients.objectStore(region), group, region)) {
            if (!trace.began().isAfter(before)) {
                left.put(
                        trace.drill(),
                        new DrillRemoval(platform, clients, trace).remove().left());
            }
        }
        return left;
    }

    private DrillTrace trace(DrillSettings settings, String drill, Instant began, ObjectUri snapshot, String jobId) {
        Region site = platform.region(region);
        List<ObjectUri> objects = new ArrayList<>();
        for (String prefix : settings.objects()) {
            objects.add(ObjectUri.parse(site.objectStore().locate(prefix.replace(DrillSettings.DRILL, drill))));
        }
        return new DrillTrace(
                drill,
                group,
                settings.job().name(),
                region,
                began,
                snapshot.resolve(ReceivedSnapshots.HELD + drill),
                jobId,
                settings.topics().stream().map(topic -> drill + "." + topic).toList(),
                objects);
    }

    /** As many partitions as production's topic has in this region, and as many replicas. */
    private void create(DrillSettings settings, DrillTrace trace) throws InterruptedException {
        Admin admin = clients.admin(region);
        if (settings.topics().isEmpty()) {
            return;
        }
        Map<String, TopicDescription> like = KafkaAnswer.await(
                admin.describeTopics(settings.topics()).allTopicNames(), "describe topics in " + region);
        List<NewTopic> topics = like.values().stream()
                .map(topic -> new NewTopic(
                        trace.drill() + "." + topic.name(), topic.partitions().size(), (short)
                                topic.partitions().get(0).replicas().size()))
                .toList();
        KafkaAnswer.await(admin.createTopics(topics).all(), "make topics " + trace.topics());
    }

    private RestAnswer<String> submit(DrillSettings settings, String drill, String snapshot, String jobId)
            throws InterruptedException {
        Region site = platform.region(region);
        FlinkRest flink = clients.flink(region);
        ObjectUri jar = ObjectUri.parse(site.objectStore().locate(settings.job().jar()));
        RestAnswer<String> uploaded = new JobJar(flink, clients.objectStore(region)).uploaded(drill, jar);
        return uploaded.ifOk().isEmpty()
                ? uploaded
                : flink.run(
                        uploaded.ifOk().get(),
                        settings.submission(region, site.kafka().bootstrap(), drill, snapshot, jobId));
    }

    private static DrillReport.Running running(DrillTrace trace, Outcome.Proven proven) {
        return new DrillReport.Running(
                proven.jobId(),
                trace.topics(),
                proven.submittedAt(),
                Duration.between(proven.submittedAt(), proven.restored().at()),
                Duration.between(proven.submittedAt(), Instant.now()));
    }
}
