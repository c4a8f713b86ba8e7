package io.breakwater.controller.app;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.controller.core.ControlEvent;
import io.breakwater.controller.core.EvidenceEntry;
import io.breakwater.controller.core.FencedJob;
import io.breakwater.controller.core.GroupState;
import io.breakwater.controller.core.JobFence;
import io.breakwater.controller.runbook.steps.ReturnedJobs;
import io.breakwater.controller.runbook.steps.ReturnedJobs.Outcome;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.Json;
import io.breakwater.platform.Platform;
import io.breakwater.region.FlinkRest.Job;
import io.breakwater.region.RegionClients;
import io.breakwater.region.RestAnswer;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the jobs of a group that run in the region that it has left: those that ran on while the region was cut off, that
 * Flink brings back from its own high availability store, or that a supervisor submits again. It looks as long as the
 * region is the standby, because one can come back at any time.
 *
 * <p>The order keeps it from ending a job that a failback has just restored, however long this node was paused: jobs are
 * listed, then the region is confirmed through consensus to be the one that was left, then only listed jobs are ended.
 */
final class JobFenceDuty {

    private static final Logger LOG = LoggerFactory.getLogger(JobFenceDuty.class);
    private static final int TOLD_AT_MOST = 30;

    private final Platform platform;
    private final RegionClients clients;
    private final ControlPlane plane;
    private final DutyProposals proposals;
    private final Clock clock;

    JobFenceDuty(Platform platform, RegionClients clients, ControlPlane plane, DutyProposals proposals, Clock clock) {
        this.platform = platform;
        this.clients = clients;
        this.plane = plane;
        this.proposals = proposals;
        this.clock = clock;
    }

    /** Whether the group has left a region whose jobs have to be looked for. */
    boolean isOwed(String name, GroupState group) {
        return group.jobFence()
                .filter(fence -> platform.groups().containsKey(name)
                        && !platform.group(name).assets(AssetSpec.FLINK_JOB).isEmpty()
                        && !isShared(fence.region(), group.active()))
                .isPresent();
    }

    /** One cluster for both regions: what runs there runs where it should. */
    private boolean isShared(String left, String active) {
        return platform.region(left)
                .flink()
                .url()
                .equals(platform.region(active).flink().url());
    }

    /** Looks once. Blocks while the cluster does not answer, or a job does not end. */
    void look(String name) throws InterruptedException {
        Optional<GroupState> group = plane.state().group(name).filter(g -> isOwed(name, g));
        if (group.isEmpty()) {
            return;
        }
        Epoch epoch = group.get().epoch();
        JobFence known = group.get().jobFence().orElseThrow();
        ReturnedJobs jobs = new ReturnedJobs(platform, clients, name, known.region(), clock);
        RestAnswer<List<Job>> running = jobs.running();
        if (running.ifOk().isEmpty()) {
            String silence = running instanceof RestAnswer.Refused<?> refused
                    ? "refuses with HTTP " + refused.status()
                    : "does not answer";
            report(name, epoch, known, known.notClosed("Flink of " + known.region() + " " + silence), List.of());
        } else if (running.ifOk().get().isEmpty()) {
            report(name, epoch, known, known.closedAgain(), List.of());
        } else {
            end(name, epoch, known, jobs, running.ifOk().get());
        }
    }

    private void end(String name, Epoch epoch, JobFence known, ReturnedJobs jobs, List<Job> running)
            throws InterruptedException {
        JobFence seen = known.notClosed(running.stream()
                .map(job -> "job " + job.name() + " (" + job.id() + ") is " + job.state())
                .collect(Collectors.joining("; ", "", " there and is being ended")));
        if (!propose(new ControlEvent.JobsFenced(name, epoch, seen, List.of())).orElse(false)) {
            return;
        }
        List<FencedJob> ended = new ArrayList<>();
        List<String> obstacles = new ArrayList<>();
        for (Job job : running) {
            Outcome outcome = jobs.end(job);
            if (outcome instanceof Outcome.Ended done) {
                LOG.info(
                        "group={} epoch={} region={} job {} ({}) ended, last snapshot {}",
                        name,
                        epoch,
                        known.region(),
                        job.name(),
                        job.id(),
                        done.job().snapshot().orElse("none"));
                ended.add(done.job());
            } else {
                obstacles.add(((Outcome.StillThere) outcome).reason());
            }
        }
        JobFence after = obstacles.isEmpty()
                ? seen.withEnded(ended).closedAgain()
                : seen.withEnded(ended).notClosed(String.join("; ", obstacles));
        report(name, epoch, seen, after, ended);
    }

    /** Says what is new; the entry has the jobs that were ended. */
    private void report(String name, Epoch epoch, JobFence known, JobFence now, List<FencedJob> ended)
            throws InterruptedException {
        if (now.equals(known)) {
            return;
        }
        List<String> entries = List.of();
        if (!ended.isEmpty()) {
            ObjectNode detail = JsonNodeFactory.instance.objectNode().put("region", now.region());
            ArrayNode jobs = detail.putArray("jobs");
            ended.forEach(job -> jobs.add(Json.MAPPER.<ObjectNode>valueToTree(job)));
            entries = new EvidenceEntry(
                            clock.instant(),
                            "jobs-fenced",
                            name,
                            Optional.of(epoch),
                            Optional.empty(),
                            Optional.empty(),
                            detail)
                    .texts();
        }
        ControlEvent.JobsFenced event = new ControlEvent.JobsFenced(name, epoch, now, entries);
        // What was done is told until it is known: nothing finds it again. Told twice, it counts once.
        for (int i = 0; i < TOLD_AT_MOST && propose(event).isEmpty() && !ended.isEmpty(); i++) {
            TimeUnit.SECONDS.sleep(1);
        }
    }

    /** @return whether it was accepted; empty without an answer */
    private Optional<Boolean> propose(ControlEvent.JobsFenced event) throws InterruptedException {
        try {
            return Optional.of(!proposals.ask(event).isRefused());
        } catch (ExecutionException | TimeoutException e) {
            LOG.info(
                    "group={} epoch={} region={} fence of jobs: no answer through consensus: {}",
                    event.group(),
                    event.epoch(),
                    event.fence().region(),
                    e.toString());
            return Optional.empty();
        }
    }
}
