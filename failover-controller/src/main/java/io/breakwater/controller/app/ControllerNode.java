package io.breakwater.controller.app;

import io.breakwater.controller.api.ApiServer;
import io.breakwater.controller.api.BearerToken;
import io.breakwater.controller.consensus.FreeSpace;
import io.breakwater.controller.consensus.RaftKeeper;
import io.breakwater.controller.consensus.RaftNode;
import io.breakwater.controller.consensus.RaftTls;
import io.breakwater.controller.core.Operation;
import io.breakwater.controller.fence.AclClusters;
import io.breakwater.controller.runbook.DryRun;
import io.breakwater.controller.runbook.Runbook;
import io.breakwater.controller.runbook.RunbookRunner;
import io.breakwater.controller.runbook.RunbookStep;
import io.breakwater.controller.signal.AlertBoard;
import io.breakwater.controller.signal.ObjectStoreSignal;
import io.breakwater.controller.signal.ProbeSettings;
import io.breakwater.controller.signal.RegionAssessor;
import io.breakwater.controller.signal.StandardSignals;
import io.breakwater.evidence.EvidenceKey;
import io.breakwater.evidence.EvidenceLog;
import io.breakwater.evidence.EvidencePublisher;
import io.breakwater.platform.Node;
import io.breakwater.platform.Platform;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.RegionClients;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running controller node: consensus, observer, leader's duties, API. Closing it ends all of them. */
final class ControllerNode implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ControllerNode.class);
    private static final Duration STORE_TIMEOUT = Duration.ofSeconds(5);

    /** What the command line says. */
    record Options(
            Platform platform,
            Node self,
            Path data,
            String token,
            EvidenceKey evidenceKey,
            Path runbooks,
            Optional<RaftTls> raftTls,
            boolean joins) {}

    /** Closed in the opposite order. */
    private final Deque<AutoCloseable> parts = new ArrayDeque<>();

    private volatile boolean closing;

    private ControllerNode() {}

    /**
     * Starts all parts; returns when the node serves. It need not have found its peers yet.
     *
     * @param onEnd called when the Raft server has ended by itself: the process has to end
     */
    static ControllerNode start(Options options, Runnable onEnd) throws IOException, InterruptedException {
        ControllerNode node = new ControllerNode();
        try {
            node.open(options, onEnd);
            return node;
        } catch (IOException | InterruptedException | RuntimeException e) {
            node.close();
            throw e;
        }
    }

    private void open(Options options, Runnable onEnd) throws IOException, InterruptedException {
        Platform platform = options.platform();
        Clock clock = Clock.systemUTC();
        RegionClients clients = opened(new RegionClients(platform, STORE_TIMEOUT));
        SortedMap<String, RunbookStep> steps = StandardSteps.of(platform, clients, clock);
        Map<String, Runbook> runbooks = new TreeMap<>();
        for (String kind : List.of(Operation.FAILOVER, Operation.FAILBACK, Operation.LEDGER)) {
            runbooks.put(kind, Runbook.load(options.runbooks(), kind, steps));
        }
        Files.createDirectories(options.data());
        EvidenceLog evidence = opened(EvidenceLog.open(options.data().resolve("evidence"), options.evidenceKey()));

        Map<String, ReceiptsFeed> feeds = new TreeMap<>();
        platform.regions()
                .keySet()
                .forEach(region -> feeds.put(region, opened(new ReceiptsFeed(region, clients.kafka(region), clock))));
        NodePlane plane = new NodePlane(options.self().id(), feeds);
        RunbookRunner runner = opened(new RunbookRunner(platform, runbooks, steps, plane, plane::receipts, clock));
        LeaderPlace place = new LeaderPlace(platform, options.self(), plane::raft);
        DutyProposals proposals = new DutyProposals(plane, clock);
        LeaderDuties duties = new LeaderDuties(
                new LeaderDuties.Parts(
                        platform,
                        plane,
                        runner,
                        new FlowStarter(platform, clients, plane, proposals, clock),
                        new JobFenceDuty(platform, clients, plane, proposals, clock),
                        new AclFenceDuty(platform, AclClusters.by(clients), plane::state, proposals::ask, clock),
                        place,
                        new Members(
                                options.self().id(),
                                platform,
                                () -> plane.raft().flatMap(RaftNode::members))),
                clock,
                () -> {
                    if (!closing) {
                        onEnd.run();
                    }
                });
        EventLog said = new EventLog();
        Path log = Files.createDirectories(options.data().resolve("raft"));
        RaftKeeper raft = opened(RaftKeeper.start(
                options.self().id(),
                log,
                FreeSpace.of(List.of(log, options.data())),
                leadership -> RaftNode.start(
                        platform,
                        options.self(),
                        log,
                        options.raftTls(),
                        options.joins(),
                        clock,
                        new EvidenceFiles(evidence),
                        (before, event, transition) -> {
                            said.applied(before, event, transition);
                            duties.applied(before, event, transition);
                            plane.applied(before, event, transition);
                        },
                        leadership),
                duties,
                clock));
        plane.joined(raft);

        AlertBoard alerts = new AlertBoard(System::nanoTime);
        StandardSignals.Sources sources = new StandardSignals.Sources(
                () -> feeds.values().stream()
                        .flatMap(feed -> feed.receipts().stream())
                        .toList(),
                alerts,
                clock);
        RegionAssessor assessor = opened(new RegionAssessor(
                StandardSignals.of(platform, options.self().id(), sources, ProbeSettings.DEFAULT),
                (region, signalClass) -> platform.region(region).watched().counts(signalClass),
                ProbeSettings.DEFAULT,
                clock));
        assessor.start();
        opened(ApiServer.start(
                options.self().http(),
                new BearerToken(options.token()),
                plane,
                platform,
                assessor::assess,
                alerts,
                new DryRuns(new DryRun(platform, steps)),
                new RegionPositions(clients),
                new RegionTables(platform, clients),
                clock));
        feeds.values().forEach(ReceiptsFeed::start);
        thread("voter", new Voter(plane, assessor));
        thread("leader-duties", duties);
        thread("earlier-snapshots", new EarlierSnapshotsDuty(platform, clients, plane, duties::isLeading, clock));
        thread(
                "forgotten-transactions",
                new ForgottenTransactionsDuty(platform, clients, plane, proposals, duties::isLeading, clock));
        publish(platform, clients, evidence, new EvidencePublication(evidence, plane, duties::isLeading));
        LOG.info("node {} serves at {}", options.self().id(), options.self().http());
    }

    private void publish(
            Platform platform, RegionClients clients, EvidenceLog evidence, EvidencePublication publication) {
        Map<String, Runnable> work = new TreeMap<>();
        platform.regions().forEach((name, region) -> {
            // That there is such a bucket, the signals have made sure of.
            String bucket = region.objectStore().buckets().getOrDefault(ObjectStoreSignal.BUCKET, "");
            ObjectUri prefix = new ObjectUri(bucket, EvidencePublication.PREFIX);
            EvidencePublisher publisher = new EvidencePublisher(evidence, clients.objectStore(name), prefix);
            work.put(name, publication.of(name, publisher));
        });
        work.forEach((name, publishing) -> thread("evidence-" + name, publishing));
    }

    private <T extends AutoCloseable> T opened(T part) {
        parts.push(part);
        return part;
    }

    private void thread(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
        parts.push(thread::interrupt);
    }

    @Override
    public synchronized void close() {
        closing = true;
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (Exception e) {
                // The others must be closed all the same, and nobody is left to be told but the reader of the log.
                LOG.warn("a part of the node did not close well", e);
            }
        }
    }
}
