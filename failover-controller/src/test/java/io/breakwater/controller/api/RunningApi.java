package io.breakwater.controller.api;

import io.breakwater.controller.FreePort;
import io.breakwater.controller.consensus.Member;
import io.breakwater.controller.consensus.MemberChange;
import io.breakwater.controller.consensus.RaftHealth;
import io.breakwater.controller.core.ControlEvent;
import io.breakwater.controller.core.FenceState;
import io.breakwater.controller.core.GroupSettings;
import io.breakwater.controller.core.Readiness;
import io.breakwater.controller.core.RegionVerdict;
import io.breakwater.controller.core.Settings;
import io.breakwater.controller.core.Verdict;
import io.breakwater.controller.signal.AlertBoard;
import io.breakwater.controller.signal.RegionAssessment;
import io.breakwater.controller.signal.SignalAssessment;
import io.breakwater.controller.signal.SignalHistory;
import io.breakwater.platform.AssetId;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.Flow;
import io.breakwater.platform.HostPort;
import io.breakwater.platform.Json;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.Platform;
import io.breakwater.platform.PlatformFile;
import io.breakwater.platform.ProtectionGroup;
import io.breakwater.platform.RecoveryPoint;
import io.breakwater.platform.ReplicaPosition;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;

/** The API of node west on a free port, on the real machine without consensus; west's Kafka seems down to it. */
public final class RunningApi implements AutoCloseable {

    public static final String TOKEN = "a-token-of-enough-length";

    /** Since when west's Kafka seems down. */
    static final Instant WEST_DOWN = Instant.parse("2026-11-22T03:00:00Z");

    private static final String PLATFORM = """
            platform: flights
            nodes:
              - {id: east, region: east, raft: "127.0.0.1:1001", http: "127.0.0.1:1002"}
              - {id: west, region: west, raft: "127.0.0.1:1003", http: "127.0.0.1:1004"}
              - {id: witness, raft: "127.0.0.1:1005", http: "127.0.0.1:1006"}
            regions:
              east: &site
                kafka: {bootstrap: "127.0.0.1:1", client: {}, mirror: {}, mirrorPrincipal: "User:mirror"}
                connect: {url: "http://127.0.0.1:2"}
                objectStore: {region: us-east-1, endpoint: "http://127.0.0.1:3", buckets: {}}
                flink: {url: "http://127.0.0.1:4"}
              west: *site
            groups:
              flights:
                home: east
                standby: west
                objectives: {rto: PT15M, rpo: PT5M}
                policy: {mode: automatic, lease: PT6S}
                pipelinePrincipals: ["User:pipeline"]
                assets:
                  - {kind: kafka-topic, pattern: "flights[.].*"}
                  - {kind: consumer-group, pattern: "flights-.*"}
            """;

    private final InProcessControlPlane control = new InProcessControlPlane();
    private final AlertBoard alerts = new AlertBoard(System::nanoTime);
    private final Platform platform;
    private final HostPort address;
    private final ApiServer api;
    private volatile RunbookPreview previews = (group, runbook, state) -> Json.MAPPER.createArrayNode();
    private volatile ClientPositions positions = (flow, group, wanted) -> new TreeMap<>();
    private volatile TableVersions tables = (region, group, table) -> Optional.empty();

    private RunningApi(Path directory) throws Exception {
        platform = PlatformFile.load(Files.writeString(directory.resolve("platform.yaml"), PLATFORM));
        control.apply(new ControlEvent.PlatformAdopted(Settings.of(platform)));
        address = new HostPort("127.0.0.1", FreePort.next());
        api = startAnother();
    }

    public static RunningApi in(Path directory) throws Exception {
        return new RunningApi(directory);
    }

    /** On the same address. */
    ApiServer startAnother() throws InterruptedException {
        return ApiServer.start(
                address,
                new BearerToken(TOKEN),
                control,
                platform,
                RunningApi::seen,
                alerts,
                (group, runbook, state) -> previews.of(group, runbook, state),
                (flow, group, wanted) -> positions.translate(flow, group, wanted),
                (region, group, table) -> tables.times(region, group, table),
                Clock.systemUTC());
    }

    /** All nodes see both regions up, east's broker holds the lease, and west has a recovery point with the assets. */
    void makeReady(Instant now, Instant sourceTime, AssetId... assets) {
        voteUp("east", "west", "witness");
        control.apply(new ControlEvent.LeaseRenewal("east", "east-1", "r1"));
        SortedMap<AssetId, ReplicaPosition> positions = new TreeMap<>();
        for (AssetId asset : assets) {
            positions.put(asset, ReplicaPosition.ofTopic(sourceTime, OffsetVector.EMPTY));
        }
        RecoveryPoint point =
                new RecoveryPoint("flights", new Flow("east", "west"), sourceTime, OffsetVector.EMPTY, positions);
        Readiness readiness = new Readiness(
                now, Optional.of(point), Optional.of(Duration.ofSeconds(1)), Optional.of(sourceTime), List.of());
        control.apply(new ControlEvent.ReadinessReported("flights", Epoch.FIRST, readiness));
    }

    /** These nodes see both regions up. */
    public void voteUp(String... nodes) {
        for (String node : nodes) {
            RegionVerdict up = RegionVerdict.of(Verdict.UP, List.of(), List.of("kafka", "flink"));
            control.apply(ControlEvent.VerdictVoted.of(node, Map.of("east", up, "west", up)));
        }
    }

    /** From now on only ACLs close the region, and this is known of them. */
    public void closeByAcls(String region, Optional<FenceState> known) {
        ProtectionGroup group = platform.group("flights");
        GroupSettings closed =
                new GroupSettings(group.home(), group.standby(), group.policy(), new TreeSet<>(List.of(region)));
        control.apply(new ControlEvent.PlatformAdopted(
                new Settings(control.state().settings().nodes(), new TreeMap<>(Map.of("flights", closed)))));
        known.ifPresent(fence ->
                control.apply(new ControlEvent.FenceReported("flights", Epoch.FIRST, region, fence, List.of())));
    }

    /** The nodes of which the lead may go to one take it, or none does. */
    public void takeLead(boolean taken) {
        control.answerTransfers(CompletableFuture.completedFuture(taken));
    }

    /** From now on only these have a vote, whatever the platform file says. */
    public void members(String... nodes) {
        control.apply(new ControlEvent.PlatformAdopted(Settings.of(platform).withNodes(List.of(nodes))));
    }

    /** What Raft makes of a change of members. */
    public void changeMembers(MemberChange change) {
        control.answerChanges(change);
    }

    /** The node that was taken in last. */
    public Optional<Member> joined() {
        return control.joined();
    }

    /** What the clusters would answer. */
    void answerPositions(ClientPositions answers) {
        positions = answers;
    }

    /** How dry runs are answered. */
    public void answerDryRuns(RunbookPreview answers) {
        previews = answers;
    }

    AlertBoard alerts() {
        return alerts;
    }

    /** What the standby's object store would answer. */
    void answerTables(TableVersions answers) {
        tables = answers;
    }

    /** What the node says of its own part in consensus. */
    public void say(RaftHealth health) {
        control.say(health);
    }

    InProcessControlPlane control() {
        return control;
    }

    public Platform platform() {
        return platform;
    }

    HostPort address() {
        return address;
    }

    public URI url(String path) {
        return URI.create("http://" + address + path);
    }

    private static RegionAssessment seen(String region) {
        SignalHistory.Trouble trouble = new SignalHistory.Trouble(WEST_DOWN, "no broker answers");
        SignalAssessment kafka = region.equals("west")
                ? new SignalAssessment(
                        "kafka-metadata",
                        "kafka",
                        true,
                        Verdict.DOWN,
                        "OPEN",
                        "no broker answers",
                        new SignalHistory(WEST_DOWN, Optional.of(trouble), 9, 5, 1, 3))
                : new SignalAssessment(
                        "kafka-metadata",
                        "kafka",
                        true,
                        Verdict.UP,
                        "CLOSED",
                        "",
                        new SignalHistory(WEST_DOWN, Optional.empty(), 9, 0, 0, 0));
        return new RegionAssessment(region, List.of(kafka));
    }

    @Override
    public void close() {
        api.close();
    }
}
