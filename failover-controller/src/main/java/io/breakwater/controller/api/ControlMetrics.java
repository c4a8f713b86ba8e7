package io.breakwater.controller.api;

import io.breakwater.controller.app.ControlPlane;
import io.breakwater.controller.consensus.RaftHealth;
import io.breakwater.controller.core.ControlState;
import io.breakwater.controller.core.FenceState;
import io.breakwater.controller.core.Gate;
import io.breakwater.controller.core.GroupSettings;
import io.breakwater.controller.core.GroupState;
import io.breakwater.controller.core.Readiness;
import io.breakwater.controller.core.Verdict;
import io.breakwater.controller.signal.AlertBoard;
import io.breakwater.controller.signal.RegionAssessment;
import io.breakwater.controller.signal.SignalAssessment;
import io.breakwater.controller.signal.SignalHistory;
import io.breakwater.platform.Platform;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.IntSupplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** What {@code GET /metrics} answers. Everything is read at the scrape. Thread-safe. */
final class ControlMetrics {

    private static final double MILLIS_PER_SECOND = 1000;

    /** An answer to a scrape. */
    record Scrape(String contentType, Buffer body) {}

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final ExpositionFormats formats = ExpositionFormats.init();
    private final ControlPlane control;
    private final Platform platform;

    ControlMetrics(
            ControlPlane control,
            Platform platform,
            Function<String, RegionAssessment> assessments,
            IntSupplier listeners,
            IntSupplier alerts) {
        this.control = control;
        this.platform = platform;
        JvmMetrics.builder().register(registry);
        signals(assessments);
        histories(assessments);
        gauge(
                        "breakwater_alerts_remembered",
                        "Alerts of Alertmanager that this node remembers, of " + AlertBoard.KEPT + " at most")
                .callback(out -> out.call(alerts.getAsInt()))
                .register(registry);
        verdicts();
        groups();
        lag();
        leases();
        fences();
        node(listeners);
        new MirrorMetrics(control, platform).register(registry);
    }

    /** Blocks for a moment: not for an event loop. */
    Scrape scrape(@Nullable String accept) {
        ExpositionFormatWriter writer = formats.findWriter(accept);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            writer.write(out, registry.scrape());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Scrape(writer.getContentType(), Buffer.buffer(out.toByteArray()));
    }

    private void signals(Function<String, RegionAssessment> assessments) {
        gauge("breakwater_signal_breaker_state", "1 for the state that the signal's circuit breaker is in")
                .labelNames("region", "signal", "class", "state")
                .callback(out -> eachSignal(assessments, (region, signal) -> {
                    for (CircuitBreaker.State state : List.of(
                            CircuitBreaker.State.CLOSED, CircuitBreaker.State.OPEN, CircuitBreaker.State.HALF_OPEN)) {
                        out.call(
                                number(state.name().equals(signal.breaker())),
                                region,
                                signal.signal(),
                                signal.signalClass(),
                                state.name());
                    }
                }))
                .register(registry);
    }

    private void histories(Function<String, RegionAssessment> assessments) {
        ofSignal(assessments, "readings", "Probes that were counted", SignalHistory::readings);
        ofSignal(assessments, "failures", "Probes that found the component unhealthy", SignalHistory::failures);
        ofSignal(assessments, "slow", "Probes that took too long to be well", SignalHistory::slow);
        ofSignal(assessments, "breaker_transitions", "Changes of the breaker's state", SignalHistory::transitions);
        gauge("breakwater_signal_counts", "Whether the signal counts for the region's verdict; else it is only shown")
                .labelNames("region", "signal", "class")
                .callback(out -> eachSignal(
                        assessments,
                        (region, signal) ->
                                out.call(number(signal.counts()), region, signal.signal(), signal.signalClass())))
                .register(registry);
    }

    private void ofSignal(
            Function<String, RegionAssessment> assessments,
            String name,
            String help,
            ToLongFunction<SignalHistory> value) {
        CounterWithCallback.builder()
                .name("breakwater_signal_" + name + "_total")
                .help(help)
                .labelNames("region", "signal", "class")
                .callback(out -> eachSignal(
                        assessments,
                        (region, signal) -> out.call(
                                (double) value.applyAsLong(signal.history()),
                                region,
                                signal.signal(),
                                signal.signalClass())))
                .register(registry);
    }

    private void eachSignal(
            Function<String, RegionAssessment> assessments, BiConsumer<String, SignalAssessment> action) {
        platform.regions()
                .keySet()
                .forEach(
                        region -> assessments.apply(region).signals().forEach(signal -> action.accept(region, signal)));
    }

    private void verdicts() {
        gauge("breakwater_region_verdict", "1 for the verdict that a majority of the nodes has of the region")
                .labelNames("region", "verdict")
                .callback(out -> platform.regions().keySet().forEach(region -> {
                    ControlState state = control.state();
                    Verdict verdict = state.verdict(region, state.now());
                    for (Verdict each : Verdict.values()) {
                        out.call(number(each == verdict), region, each.name());
                    }
                }))
                .register(registry);
        gauge("breakwater_region_vote", "1 for the verdict that a node votes of a region; UNKNOWN if its vote is old")
                .labelNames("region", "node", "verdict")
                .callback(out -> control.state()
                        .votes()
                        .forEach((region, votes) -> votes.forEach((node, vote) -> {
                            Verdict voted = vote.isFresh(control.state().now())
                                    ? vote.verdict().verdict()
                                    : Verdict.UNKNOWN;
                            for (Verdict each : Verdict.values()) {
                                out.call(number(each == voted), region, node, each.name());
                            }
                        })))
                .register(registry);
    }

    private void groups() {
        ofGroup(
                "breakwater_group_epoch",
                "Fencing number of the group",
                g -> g.epoch().number());
        ofGroup(
                "breakwater_group_ready",
                "Whether the standby could take over now",
                g -> number(StatusView.fresh(g, control.state().now())
                        .filter(r -> r.notReady().isEmpty())
                        .isPresent()));
        ofGroup("breakwater_group_recovery_points", "Different recovery points seen", GroupState::recoveryPoints);
        ofGroup(
                "breakwater_group_frozen",
                "Whether automatic failover is forbidden by a person",
                g -> number(g.frozen()));
        ofGroup(
                "breakwater_group_operation_running",
                "Whether an operation runs",
                g -> number(g.operation().isPresent()));
        gauge("breakwater_frozen", "Whether all automatic failovers are forbidden by a person")
                .callback(out -> out.call(number(control.state().frozen())))
                .register(registry);
        gauge("breakwater_group_active", "1 for the group's active region")
                .labelNames("group", "region")
                .callback(out -> control.state().groups().forEach((name, group) -> {
                    out.call(1, name, group.active());
                    out.call(0, name, group.standby());
                }))
                .register(registry);
        gauge("breakwater_group_gate_open", "Whether the class of writers is let through in the active region")
                .labelNames("group", "gate")
                .callback(out -> control.state().groups().forEach((name, group) -> {
                    for (Gate gate : Gate.values()) {
                        out.call(number(group.gates().isOpen(gate)), name, gate.name());
                    }
                }))
                .register(registry);
    }

    private void ofGroup(String name, String help, ToDoubleFunction<GroupState> value) {
        gauge(name, help)
                .labelNames("group")
                .callback(out ->
                        control.state().groups().forEach((group, state) -> out.call(value.applyAsDouble(state), group)))
                .register(registry);
    }

    private void lag() {
        gauge("breakwater_group_lag_seconds", "How far the topics' replicas are behind; NaN if that is not known")
                .labelNames("group")
                .callback(out -> control.state()
                        .groups()
                        .forEach((name, group) -> out.call(seconds(fresh(group).flatMap(Readiness::lag)), name)))
                .register(registry);
        gauge("breakwater_group_recovery_point_age_seconds", "Age of the newest recovery point; NaN if there is none")
                .labelNames("group")
                .callback(out -> control.state()
                        .groups()
                        .forEach((name, group) -> out.call(
                                seconds(fresh(group)
                                        .flatMap(Readiness::recoveryPoint)
                                        .map(point -> Duration.between(
                                                point.sourceTime(),
                                                control.state().now()))),
                                name)))
                .register(registry);
    }

    private void leases() {
        CounterWithCallback.builder()
                .name("breakwater_lease_renewals_total")
                .help("Renewals of the group's lease")
                .labelNames("group")
                .callback(out -> control.state()
                        .groups()
                        .forEach(
                                (name, group) -> out.call((double) group.lease().renewalIndex(), name)))
                .register(registry);
        gauge("breakwater_lease_age_seconds", "Since the broker's last renewal")
                .labelNames("group", "broker")
                .callback(out -> control.state()
                        .groups()
                        .forEach((name, group) -> group.lease()
                                .renewals()
                                .forEach((broker, renewal) -> out.call(age(renewal.at()), name, broker))))
                .register(registry);
        ofGroup(
                "breakwater_lease_lapsed",
                "Whether the lease of the region that is left has lapsed",
                g -> number(g.lease().lapsed()));
    }

    /** Of regions that only ACLs close: a lease needs nobody to close a region. */
    private void fences() {
        gauge(
                        "breakwater_fence_confirmed",
                        "Whether the group's standby, which only ACLs close, was seen closed by each of its brokers")
                .labelNames("group", "region")
                .callback(out -> control.state().groups().forEach((name, group) -> {
                    GroupSettings settings = control.state().settings().groups().get(name);
                    if (settings != null && settings.fencedByAcls().contains(group.standby())) {
                        boolean confirmed = group.fence(group.standby())
                                .filter(FenceState::confirmed)
                                .isPresent();
                        out.call(number(confirmed), name, group.standby());
                    }
                }))
                .register(registry);
    }

    private void node(IntSupplier listeners) {
        gauge("breakwater_leader", "Whether this node leads")
                .callback(out -> out.call(
                        number(control.leader().filter(control.node()::equals).isPresent())))
                .register(registry);
        gauge("breakwater_leader_known", "Whether this node knows a leader")
                .callback(out -> out.call(number(control.leader().isPresent())))
                .register(registry);
        raft();
        gauge("breakwater_evidence_entries", "Entries of the evidence log")
                .callback(out -> out.call((double) control.state().evidence().size()))
                .register(registry);
        gauge("breakwater_event_listeners", "Clients of the event stream")
                .callback(out -> out.call(listeners.getAsInt()))
                .register(registry);
    }

    private void raft() {
        gauge("breakwater_raft_serving", "Whether this node takes part in consensus")
                .callback(out -> out.call(number(control.vitals().health() instanceof RaftHealth.Serving)))
                .register(registry);
        gauge("breakwater_raft_stopped", "1 for the cause why this node takes no part in consensus")
                .labelNames("cause")
                .callback(out -> {
                    RaftHealth health = control.vitals().health();
                    for (RaftHealth.Cause cause : RaftHealth.Cause.values()) {
                        out.call(
                                number(health instanceof RaftHealth.Stopped stopped && stopped.cause() == cause),
                                cause.id());
                    }
                })
                .register(registry);
        gauge("breakwater_raft_free_bytes", "What can still be written where the Raft log is; NaN if not known")
                .callback(out -> {
                    OptionalLong free = control.vitals().freeBytes();
                    out.call(free.isPresent() ? free.getAsLong() : Double.NaN);
                })
                .register(registry);
        CounterWithCallback.builder()
                .name("breakwater_node_long_pauses_total")
                .help("How often this process stood still for 10 s or more")
                .callback(out -> out.call(control.vitals().longPauses()))
                .register(registry);
        gauge("breakwater_node_longest_pause_seconds", "How long this process stood still at most")
                .callback(out -> out.call(control.vitals().longestPause().toMillis() / MILLIS_PER_SECOND))
                .register(registry);
    }

    private static GaugeWithCallback.Builder gauge(String name, String help) {
        return GaugeWithCallback.builder().name(name).help(help);
    }

    private Optional<Readiness> fresh(GroupState group) {
        return StatusView.fresh(group, control.state().now());
    }

    private double age(Instant at) {
        return Duration.between(at, control.state().now()).toMillis() / MILLIS_PER_SECOND;
    }

    private static double seconds(Optional<Duration> duration) {
        return duration.map(d -> d.toMillis() / MILLIS_PER_SECOND).orElse(Double.NaN);
    }

    private static double number(boolean truth) {
        return truth ? 1 : 0;
    }
}
