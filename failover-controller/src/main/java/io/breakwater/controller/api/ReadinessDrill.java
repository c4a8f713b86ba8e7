package io.breakwater.controller.api;

import io.breakwater.controller.api.DrillReport.Check;
import io.breakwater.controller.core.ControlState;
import io.breakwater.controller.core.Denial;
import io.breakwater.controller.core.GroupState;
import io.breakwater.controller.core.Readiness;
import io.breakwater.controller.core.StepRun;
import io.breakwater.controller.core.Verdict;
import io.breakwater.controller.signal.RegionAssessment;
import io.breakwater.controller.signal.SignalAssessment;
import io.breakwater.platform.Alarm;
import io.breakwater.platform.AssetId;
import io.breakwater.platform.MirrorHealth;
import io.breakwater.platform.Policy;
import io.breakwater.platform.ProtectionGroup;
import io.breakwater.platform.Receipt;
import io.breakwater.platform.RecoveryPoint;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Goes through everything that a failover of a group would need now, and changes nothing. Pure: what it judges comes in
 * with the constructor, all read at the same moment.
 */
final class ReadinessDrill {

    private final ControlState state;
    private final String name;
    private final GroupState group;
    private final ProtectionGroup settings;
    private final Optional<String> leader;
    private final RegionAssessment standby;
    private final List<Receipt> receipts;
    private final Instant now;
    private final List<Check> checks = new ArrayList<>();

    /**
     * @param standby what this node sees of the region that would be promoted
     * @param receipts that region's, oldest first
     */
    ReadinessDrill(
            ControlState state,
            String name,
            GroupState group,
            ProtectionGroup settings,
            Optional<String> leader,
            RegionAssessment standby,
            List<Receipt> receipts,
            Instant now) {
        this.state = state;
        this.name = name;
        this.group = group;
        this.settings = settings;
        this.leader = leader;
        this.standby = standby;
        this.receipts = List.copyOf(receipts);
        this.now = now;
    }

    DrillReport run(String id) {
        Optional<Readiness> readiness = StatusView.fresh(group, state.now());
        Optional<Duration> rpo = readiness
                .flatMap(Readiness::recoveryPoint)
                .map(point -> Duration.between(point.sourceTime(), now))
                .map(age -> age.isNegative() ? Duration.ZERO : age);
        controllers();
        regions();
        standbySignals();
        lease();
        replication(readiness, rpo);
        assets(readiness.flatMap(Readiness::recoveryPoint));
        nothingInTheWay();
        Policy policy = settings.policy();
        return new DrillReport(
                id,
                name,
                group.epoch(),
                group.flow(),
                now,
                estimatedRto(policy),
                policy.holdTime().plus(policy.lease()).plus(policy.leaseMargin()),
                rpo,
                checks);
    }

    private void controllers() {
        check(
                "leader",
                leader.isPresent(),
                leader.map(l -> "node " + l + " leads").orElse("no leader is known"));
        List<String> silent = state.settings().nodes().stream()
                .filter(node -> Optional.ofNullable(state.votes(group.active()).get(node))
                        .filter(vote -> vote.isFresh(state.now()))
                        .isEmpty())
                .toList();
        int nodes = state.settings().nodes().size();
        check(
                "observers",
                silent.isEmpty(),
                silent.isEmpty() ? "all " + nodes + " nodes vote" : "no fresh vote of " + silent + " of " + nodes);
    }

    private void regions() {
        Verdict active = state.verdict(group.active(), state.now());
        check("active-region", active != Verdict.UNKNOWN, group.active() + " is " + active);
        Verdict other = state.verdict(group.standby(), state.now());
        check("standby-region", other == Verdict.UP, group.standby() + " is " + other);
    }

    /** What does not count for the verdict may be unknown: no flow runs out of a standby, so its lag is. */
    private void standbySignals() {
        for (SignalAssessment signal : standby.signals()) {
            String detail = signal.detail().isEmpty() ? "" : ": " + signal.detail();
            check(
                    "standby-" + signal.signal(),
                    signal.counts() ? signal.verdict() == Verdict.UP : signal.verdict() != Verdict.DOWN,
                    signal.signal() + " of " + group.standby() + " is " + signal.verdict() + detail);
        }
    }

    private void lease() {
        Duration lease = settings.policy().lease();
        List<String> holders = group.lease().renewals().entrySet().stream()
                .filter(e -> !state.now().isAfter(e.getValue().at().plus(lease)))
                .map(Map.Entry::getKey)
                .toList();
        check(
                "lease",
                !holders.isEmpty(),
                holders.isEmpty()
                        ? "no broker of " + group.active() + " has renewed within " + lease
                        : "held by " + holders);
    }

    private void replication(Optional<Readiness> readiness, Optional<Duration> rpo) {
        check(
                "readiness-report",
                readiness.isPresent(),
                readiness
                        .map(r -> "of " + r.at())
                        .orElse("there is no report of the last " + Readiness.FRESH.toSeconds() + " s"));
        List<String> notReady = readiness.map(Readiness::notReady).orElse(List.of());
        check(
                "recovery-point",
                readiness.isPresent() && notReady.isEmpty() && rpo.isPresent(),
                !notReady.isEmpty()
                        ? String.join("; ", notReady)
                        : rpo.map(age -> "the newest is " + seconds(age) + " old")
                                .orElse("there is none"));
        Duration budget = settings.policy().maxLoss();
        check(
                "loss-budget",
                rpo.isPresent() && rpo.get().compareTo(budget) <= 0,
                rpo.isPresent()
                        ? "a failover now would lose up to " + seconds(rpo.get()) + ", the budget is " + seconds(budget)
                        : "what a failover now would lose is unknown");
        Optional<Duration> lag = readiness.flatMap(Readiness::lag);
        Duration objective = settings.objectives().rpo();
        check(
                "replication-lag",
                lag.isPresent() && lag.get().compareTo(objective) <= 0,
                lag.map(l -> seconds(l) + ", the objective is " + seconds(objective))
                        .orElse("unknown"));
    }

    private void assets(Optional<RecoveryPoint> point) {
        Map<AssetId, Receipt> announced = new TreeMap<>();
        receipts.stream()
                .filter(r -> r.group().equals(name) && r.flow().equals(group.flow()))
                .forEach(r -> announced.put(r.asset(), r));
        announced
                .values()
                .forEach(receipt -> receipt.health()
                        .ifPresentOrElse(health -> flowHealth(receipt, health), () -> position(receipt, point)));
        List<String> kinds = settings.assets().stream()
                .map(asset -> asset.kind())
                .distinct()
                .filter(kind -> announced.keySet().stream()
                        .noneMatch(asset -> asset.kind().equals(kind)))
                .toList();
        check(
                "receipts",
                kinds.isEmpty(),
                kinds.isEmpty() ? announced.size() + " assets are announced" : "nothing is announced of kind " + kinds);
    }

    private void nothingInTheWay() {
        check(
                "no-operation",
                group.operation().isEmpty(),
                group.operation().map(o -> "operation " + o + " is running").orElse("none is running"));
        List<Denial> standing = group.denials().stream()
                .filter(denial -> !(denial instanceof Denial.ModeNotAutomatic)
                        && !(denial instanceof Denial.ActiveNotDown)
                        && !(denial instanceof Denial.HoldTimeRunning)
                        && !(denial instanceof Denial.ReplicationStillFlows))
                .toList();
        check(
                "guards",
                standing.isEmpty(),
                standing.isEmpty()
                        ? "nothing stands against one if " + group.active() + " were down"
                        : standing.stream().map(Denial::message).collect(Collectors.joining("; ")));
    }

    /** Until clients were sent to the promoted region: what comes after that, they do not wait for. */
    private Optional<Duration> estimatedRto(Policy policy) {
        return state.operations().stream()
                .filter(o ->
                        o.group().equals(name) && o.moves() && o.step("route").isPresent())
                .reduce((older, newer) -> newer)
                .flatMap(o -> o.step("route")
                        .flatMap(StepRun::endedAt)
                        .map(routed -> Duration.between(o.decidedAt(), routed).plus(policy.holdTime())));
    }

    private void position(Receipt receipt, Optional<RecoveryPoint> point) {
        boolean inPoint =
                point.map(p -> p.positions().containsKey(receipt.asset())).orElse(false);
        check(
                "asset-" + receipt.asset(),
                isRecent(receipt) && inPoint,
                lastAnnounced(receipt) + (inPoint ? ", in the recovery point" : ", not in the recovery point"));
    }

    /** A report on a flow is no position: no recovery point has it. */
    private void flowHealth(Receipt receipt, MirrorHealth health) {
        List<String> blocking = health.alarms().stream()
                .filter(Alarm::blocking)
                .map(Alarm::message)
                .toList();
        check(
                "health-" + receipt.asset(),
                isRecent(receipt) && blocking.isEmpty(),
                lastAnnounced(receipt) + (blocking.isEmpty() ? ", no alarm" : ": " + String.join("; ", blocking)));
    }

    private boolean isRecent(Receipt receipt) {
        return !now.isAfter(receipt.publishedAt().plusSeconds(2L * Receipt.REPEAT_SECONDS));
    }

    private String lastAnnounced(Receipt receipt) {
        return "last announced " + seconds(Duration.between(receipt.publishedAt(), now)) + " ago";
    }

    private void check(String check, boolean passed, String detail) {
        checks.add(new Check(check, passed, detail));
    }

    private static String seconds(Duration duration) {
        return StatusView.seconds(duration) + " s";
    }
}
