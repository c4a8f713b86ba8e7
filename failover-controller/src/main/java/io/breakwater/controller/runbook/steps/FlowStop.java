package io.breakwater.controller.runbook.steps;

import io.breakwater.platform.ConnectorName;
import io.breakwater.platform.Flow;
import io.breakwater.region.ConnectRest;
import io.breakwater.region.RestAnswer;
import java.time.Duration;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stops the connectors of a flow, on a thread of its own, until each has heard it or {@link #LIMIT} is over. Only
 * housekeeping: that the flow can do no harm is the fence's work, and a promotion does not wait for a rebalance.
 */
final class FlowStop implements Runnable {

    static final Duration LIMIT = Duration.ofMinutes(5);

    private static final Logger LOG = LoggerFactory.getLogger(FlowStop.class);
    private static final Duration AGAIN = Duration.ofSeconds(2);

    private final ConnectRest connect;
    private final String group;
    private final Flow flow;
    private final BooleanSupplier wanted;

    private FlowStop(ConnectRest connect, String group, Flow flow, BooleanSupplier wanted) {
        this.connect = connect;
        this.group = group;
        this.flow = flow;
        this.wanted = wanted;
    }

    /** @param wanted false once the flow may run again, in a later epoch: then it is not stopped any more */
    static void begin(ConnectRest connect, String group, Flow flow, BooleanSupplier wanted) {
        Thread thread = new Thread(new FlowStop(connect, group, flow, wanted), "stop-flow-" + group + "-" + flow);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void run() {
        long began = System.nanoTime();
        SortedSet<String> stopped = new TreeSet<>();
        try {
            while (!stopAll(stopped)) {
                if (System.nanoTime() - began > LIMIT.toNanos()) {
                    LOG.warn("group={} flow={} connectors not stopped after {}; they are fenced", group, flow, LIMIT);
                    return;
                }
                Thread.sleep(AGAIN.toMillis());
            }
            LOG.info("group={} flow={} connectors stopped: {}", group, flow, stopped);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean stopAll(SortedSet<String> stopped) throws InterruptedException {
        RestAnswer<SortedSet<String>> known = connect.connectors();
        SortedSet<String> open = new TreeSet<>(known.ifOk().orElse(new TreeSet<>()));
        open.removeIf(name -> !ConnectorName.belongsTo(name, group, flow) || stopped.contains(name));
        for (String name : open) {
            if (!wanted.getAsBoolean()) {
                return true;
            }
            if (connect.stop(name).ifOk().isPresent()) {
                stopped.add(name);
            }
        }
        return known.ifOk().isPresent() && stopped.containsAll(open);
    }
}
