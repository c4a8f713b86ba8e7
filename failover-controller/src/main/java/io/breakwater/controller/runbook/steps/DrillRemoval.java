package io.breakwater.controller.runbook.steps;

import io.breakwater.platform.Platform;
import io.breakwater.region.FlinkRest;
import io.breakwater.region.FlinkRest.Checkpoint;
import io.breakwater.region.FlinkRest.Checkpoints;
import io.breakwater.region.FlinkRest.Jar;
import io.breakwater.region.FlinkRest.Job;
import io.breakwater.region.KafkaAnswer;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStore.ObjectInfo;
import io.breakwater.region.ObjectStoreException;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.RegionClients;
import io.breakwater.region.RestAnswer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * Takes away all that a drill has made, and looks whether it is gone. It touches nothing whose name does not contain the
 * drill's word or its job's id. Can be done again at any time.
 */
final class DrillRemoval {

    private static final Duration GONE_WITHIN = Duration.ofSeconds(30);
    private static final long POLL_MILLIS = 500;
    private static final int ATTEMPTS = 4;

    private final Platform platform;
    private final FlinkRest flink;
    private final Admin admin;
    private final ObjectStore store;
    private final DrillTrace trace;
    private final List<String> removed = new ArrayList<>();
    private final List<String> left = new ArrayList<>();

    DrillRemoval(Platform platform, RegionClients clients, DrillTrace trace) {
        this.platform = platform;
        this.flink = clients.flink(trace.region());
        this.admin = clients.admin(trace.region());
        this.store = clients.objectStore(trace.region());
        this.trace = trace;
    }

    /**
     * What became of a drill's things.
     *
     * @param left what is still there, or not known to be gone, with the reason; empty if there is no trace
     * @param forgottenLater transactional ids, without open transactions, which Kafka forgets by itself only after
     *     {@code transactional.id.expiration.ms}
     */
    record Removed(List<String> removed, List<String> left, List<String> forgottenLater) {
        Removed {
            removed = List.copyOf(removed);
            left = List.copyOf(left);
            forgottenLater = List.copyOf(forgottenLater);
        }
    }

    private interface Part {
        void remove() throws InterruptedException;
    }

    /** Blocks until all is gone, or some time has passed; the trace stays as long as something is left. */
    Removed remove() throws InterruptedException {
        List<String> transactionalIds = new ArrayList<>();
        part("job " + trace.jobId(), this::job);
        part("jar of job " + trace.job(), this::jar);
        part("transactions of " + trace.drill(), () -> transactionalIds.addAll(transactions()));
        part("groups of " + trace.drill(), this::groups);
        part("topics of " + trace.drill(), this::topics);
        part("objects of " + trace.drill(), () -> trace.objects().forEach(this::objects));
        part("hold of the snapshot by " + trace.drill(), () -> store.delete(trace.hold()));
        if (left.isEmpty()) {
            part("trace of " + trace.drill(), () -> store.delete(trace.place(platform)));
        }
        return new Removed(removed, left, transactionalIds);
    }

    private void part(String what, Part part) throws InterruptedException {
        try {
            part.remove();
        } catch (KafkaException | ObjectStoreException e) {
            left.add(what + ": " + e.getMessage());
        }
    }

    /** Its checkpoints too: they are in a folder of the job's id, wherever the cluster keeps checkpoints. */
    private void job() throws InterruptedException {
        RestAnswer<List<Job>> jobs = flink.jobs();
        if (jobs.ifOk().isEmpty()) {
            left.add("job " + trace.jobId() + ": Flink " + jobs);
            return;
        }
        if (jobs.ifOk().get().stream().noneMatch(job -> job.id().equals(trace.jobId()))) {
            return;
        }
        Optional<String> obstacle = new JobEnd(flink).end(trace.jobId());
        if (obstacle.isPresent()) {
            left.add(obstacle.get());
            return;
        }
        removed.add("job " + trace.jobId());
        Optional<String> checkpoint = flink.checkpoints(trace.jobId())
                .ifOk()
                .flatMap(Checkpoints::latest)
                .map(Checkpoint::location);
        int at = checkpoint.map(place -> place.indexOf(trace.jobId())).orElse(-1);
        if (at > 0) {
            objects(ObjectUri.parse(
                    checkpoint.get().substring(0, at + trace.jobId().length())));
        } else {
            unfinishedCheckpoints();
        }
    }

    /** Of a job that has completed none: they are where the cluster keeps them if the job does not say otherwise. */
    private void unfinishedCheckpoints() throws InterruptedException {
        Optional<String> directory =
                flink.configured("execution.checkpointing.dir").ifOk().flatMap(known -> known);
        if (directory.filter(place -> place.startsWith("s3")).isPresent()) {
            objects(ObjectUri.parse(directory.get()).resolve(trace.jobId()));
        }
    }

    private void jar() throws InterruptedException {
        RestAnswer<List<Jar>> jars = flink.jars();
        if (jars.ifOk().isEmpty()) {
            left.add("jar of job " + trace.job() + ": Flink " + jars);
            return;
        }
        for (Jar jar : jars.ifOk().get()) {
            if (jar.name().startsWith(trace.drill())) {
                RestAnswer<Boolean> deleted = flink.deleteJar(jar.id());
                (deleted.ifOk().isPresent() ? removed : left)
                        .add("jar " + jar.name() + (deleted.ifOk().isPresent() ? "" : ": " + deleted));
            }
        }
    }

    /** Kafka has no means to delete a transactional id; what it had open is ended by fencing it. */
    private List<String> transactions() throws InterruptedException {
        List<String> ids = KafkaAnswer.await(admin.listTransactions().all(), "list transactions").stream()
                .map(TransactionListing::transactionalId)
                .filter(id -> id.contains(trace.drill()))
                .sorted()
                .toList();
        if (!ids.isEmpty()) {
            fence(ids);
            removed.add("open transactions of " + ids.size() + " transactional ids");
        }
        return ids;
    }

    /** Of a job that was killed a moment ago, transactions may still be changing, and the coordinator has no answer. */
    private void fence(List<String> ids) throws InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try {
                KafkaAnswer.await(admin.fenceProducers(ids).all(), "end transactions of " + trace.drill());
                return;
            } catch (TimeoutException e) {
                if (attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private void groups() throws InterruptedException {
        List<String> groups = groupsThere();
        if (!groups.isEmpty()) {
            KafkaAnswer.await(admin.deleteConsumerGroups(groups).all(), "delete groups of " + trace.drill());
            groups.forEach(group -> removed.add("group " + group));
        }
        groupsThere().forEach(group -> left.add("group " + group));
    }

    private List<String> groupsThere() throws InterruptedException {
        return KafkaAnswer.await(admin.listGroups().all(), "list groups").stream()
                .map(GroupListing::groupId)
                .filter(group -> group.contains(trace.drill()))
                .toList();
    }

    private void topics() throws InterruptedException {
        List<String> topics = topicsThere();
        if (!topics.isEmpty()) {
            KafkaAnswer.await(admin.deleteTopics(topics).all(), "delete topics of " + trace.drill());
        }
        Instant deadline = Instant.now().plus(GONE_WITHIN);
        List<String> there = topicsThere();
        while (!there.isEmpty() && Instant.now().isBefore(deadline)) {
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            there = topicsThere();
        }
        for (String topic : topics) {
            (there.contains(topic) ? left : removed).add("topic " + topic);
        }
    }

    private List<String> topicsThere() throws InterruptedException {
        Set<String> names = KafkaAnswer.await(admin.listTopics().names(), "list topics");
        return names.stream()
                .filter(topic -> topic.contains(trace.drill()))
                .sorted()
                .toList();
    }

    private void objects(ObjectUri place) {
        ObjectUri prefix = place.resolve("");
        List<ObjectInfo> objects = store.list(prefix);
        objects.forEach(object -> store.delete(object.uri()));
        int there = store.list(prefix).size();
        if (there > 0) {
            left.add(there + " objects below " + prefix);
        } else if (!objects.isEmpty()) {
            removed.add(objects.size() + " objects below " + prefix);
        }
    }
}
