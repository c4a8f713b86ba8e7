package io.breakwater.controller.signal;

import io.breakwater.region.FlinkRest;
import io.breakwater.region.RestAnswer;

/** Whether the region's JobManager answers and has a TaskManager. */
public final class FlinkSignal implements HealthSignal {

    private static final int SERVER_ERROR = 500;

    private final FlinkRest flink;

    /** @param flink with a time-out as short as the probe's limit */
    public FlinkSignal(FlinkRest flink) {
        this.flink = flink;
    }

    @Override
    public String id() {
        return "flink-overview";
    }

    @Override
    public String signalClass() {
        return "flink";
    }

    @Override
    public SignalReading probe() throws InterruptedException {
        RestAnswer<FlinkRest.Overview> answer = flink.overview();
        if (answer instanceof RestAnswer.Ok<FlinkRest.Overview> ok) {
            return ok.value().taskManagers() > 0
                    ? new SignalReading.Healthy()
                    : new SignalReading.Unhealthy("the JobManager has no TaskManager");
        }
        if (answer instanceof RestAnswer.Refused<FlinkRest.Overview> refused) {
            return refused.status() >= SERVER_ERROR
                    ? new SignalReading.Unhealthy("the JobManager answers with HTTP " + refused.status())
                    : new SignalReading.Unknown("the JobManager refuses with HTTP " + refused.status());
        }
        return new SignalReading.Unhealthy("the JobManager does not answer");
    }

    @Override
    public void close() {
        // The JDK's HTTP client holds nothing that needs closing.
    }
}
