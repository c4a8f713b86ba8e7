package io.breakwater.controller.signal;

import io.breakwater.region.ConnectRest;
import io.breakwater.region.RestAnswer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;

/** Whether a worker of the region's Connect cluster answers, and no connector or task of it has failed. */
public final class ConnectSignal implements HealthSignal {

    private static final Duration EVERY = Duration.ofSeconds(1);
    private static final int SERVER_ERROR = 500;
    private static final int NAMED = 5;
    private static final String FAILED = "FAILED";

    private final ConnectRest connect;

    /** @param connect with a time-out as short as the probe's limit */
    public ConnectSignal(ConnectRest connect) {
        this.connect = connect;
    }

    @Override
    public String id() {
        return "connect-tasks";
    }

    @Override
    public String signalClass() {
        return "connect";
    }

    @Override
    public Duration every() {
        return EVERY;
    }

    @Override
    public SignalReading probe() throws InterruptedException {
        RestAnswer<SortedMap<String, ConnectRest.Status>> answer = connect.statuses();
        if (answer instanceof RestAnswer.Ok<SortedMap<String, ConnectRest.Status>> ok) {
            List<String> failed = failed(ok.value());
            return failed.isEmpty()
                    ? new SignalReading.Healthy()
                    : new SignalReading.Unhealthy("failed: "
                            + String.join(", ", failed.subList(0, Math.min(NAMED, failed.size())))
                            + (failed.size() > NAMED ? " and " + (failed.size() - NAMED) + " more" : ""));
        }
        if (answer instanceof RestAnswer.Refused<SortedMap<String, ConnectRest.Status>> refused) {
            return refused.status() >= SERVER_ERROR
                    ? new SignalReading.Unhealthy("the Connect worker answers with HTTP " + refused.status())
                    : new SignalReading.Unknown("the Connect worker refuses with HTTP " + refused.status());
        }
        return new SignalReading.Unhealthy("no Connect worker answers");
    }

    private static List<String> failed(SortedMap<String, ConnectRest.Status> statuses) {
        List<String> failed = new ArrayList<>();
        statuses.forEach((name, status) -> {
            if (status.state().equals(FAILED)) {
                failed.add(name);
            }
            status.tasks().stream()
                    .filter(task -> task.state().equals(FAILED))
                    .forEach(task -> failed.add(name + " task " + task.id()));
        });
        return failed;
    }

    @Override
    public void close() {
        // The JDK's HTTP client holds nothing that needs closing.
    }
}
