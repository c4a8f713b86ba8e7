package io.breakwater.controller.signal;

import io.breakwater.platform.AlertSource;
import io.breakwater.platform.AlertSource.AlertedComponent;
import java.time.Duration;
import java.util.List;

/**
 * What an Alertmanager said of one component of the region. Silence alone is no health: without a firing alert it is
 * healthy only while a watchdog alert is repeated, else unknown.
 */
public final class AlertSignal implements HealthSignal {

    private static final Duration EVERY = Duration.ofSeconds(1);

    private final AlertBoard board;
    private final AlertSource source;
    private final AlertedComponent component;

    public AlertSignal(AlertBoard board, AlertSource source, AlertedComponent component) {
        this.board = board;
        this.source = source;
        this.component = component;
    }

    @Override
    public String id() {
        return "alert-" + component.component();
    }

    @Override
    public String signalClass() {
        return "alert";
    }

    @Override
    public Duration every() {
        return EVERY;
    }

    @Override
    public SignalReading probe() {
        List<AlertBoard.Firing> firing = board.firing(component::matches);
        List<AlertBoard.Firing> repeated =
                firing.stream().filter(this::isRepeated).toList();
        if (!repeated.isEmpty()) {
            AlertBoard.Alert first = repeated.get(0).alert();
            return new SignalReading.Unhealthy("alert " + first.name() + " fires since " + first.startsAt()
                    + (repeated.size() > 1 ? ", and " + (repeated.size() - 1) + " more" : ""));
        }
        if (!firing.isEmpty()) {
            AlertBoard.Firing lost = firing.get(0);
            return new SignalReading.Unknown("alert " + lost.alert().name() + " was neither resolved nor repeated for "
                    + lost.age().toSeconds() + " s");
        }
        if (source.watchdog().isEmpty()) {
            return new SignalReading.Unknown("no alert fires; without signals.alerts.watchdog that says nothing");
        }
        return board.firing(source::isWatchdog).stream().anyMatch(this::isRepeated)
                ? new SignalReading.Healthy()
                : new SignalReading.Unknown("the watchdog alert was not repeated for "
                        + source.lostAfter().toSeconds() + " s: does Alertmanager reach this node?");
    }

    private boolean isRepeated(AlertBoard.Firing firing) {
        return firing.age().compareTo(source.lostAfter()) <= 0;
    }

    @Override
    public void close() {
        // The board belongs to the node.
    }
}
