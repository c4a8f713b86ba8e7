package io.breakwater.replicator.kafka.topics;

import io.breakwater.platform.Alarm;
import io.breakwater.platform.ConnectorName;
import io.breakwater.platform.Flow;
import io.breakwater.platform.MirrorHealth.ConnectorState;
import io.breakwater.region.ConnectRest.Status;
import io.breakwater.region.ConnectRest.Task;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What is wrong with the connectors of a flow that runs. Connect calls a connector RUNNING that has no task and does
 * nothing. Pure: time and answers are parameters. For one thread.
 */
final class ConnectorWatch {

    /** A connector that was just told to run, or is rebalanced. */
    static final Duration PATIENCE = Duration.ofSeconds(15);

    private static final int TRACE = 300;

    private final String group;
    private final Flow flow;
    private final Map<String, Instant> wrongSince = new TreeMap<>();

    ConnectorWatch(String group, Flow flow) {
        this.group = group;
        this.flow = flow;
    }

    /** Of the flow's own connectors among all. */
    SortedMap<String, ConnectorState> states(Map<String, Status> all) {
        SortedMap<String, ConnectorState> states = new TreeMap<>();
        all.forEach((name, status) -> {
            if (ConnectorName.belongsTo(name, group, flow)) {
                int running = (int) status.tasks().stream()
                        .filter(task -> task.state().equals("RUNNING"))
                        .count();
                states.put(
                        name, new ConnectorState(status.state(), status.tasks().size(), running));
            }
        });
        return states;
    }

    List<Alarm> alarms(Map<String, Status> all, Instant now) {
        List<Alarm> alarms = new ArrayList<>();
        states(all).keySet().forEach(name -> {
            Optional<String> wrong = Optional.ofNullable(all.get(name)).flatMap(ConnectorWatch::wrong);
            if (wrong.isEmpty()) {
                wrongSince.remove(name);
            } else if (!wrongSince
                    .computeIfAbsent(name, n -> now)
                    .plus(PATIENCE)
                    .isAfter(now)) {
                alarms.add(new Alarm(
                        "connector", name, "connector " + name + " on " + flow.to() + " " + wrong.get(), true));
            }
        });
        wrongSince.keySet().retainAll(all.keySet());
        return alarms;
    }

    private static Optional<String> wrong(Status status) {
        Optional<Task> failed = status.tasks().stream()
                .filter(task -> task.state().equals("FAILED"))
                .findFirst();
        if (failed.isPresent()) {
            return Optional.of("has a failed task: " + trace(failed.get())
                    + "; correct that, and restart it: POST /connectors/" + status.name()
                    + "/restart?includeTasks=true&onlyFailed=true");
        }
        if (!status.state().equals("RUNNING")) {
            return Optional.of("is " + status.state() + " although its flow runs; resume it: PUT /connectors/"
                    + status.name() + "/resume");
        }
        if (status.tasks().isEmpty()) {
            return Optional.of("is RUNNING without a task and carries nothing: its topics are not found (see no-topic),"
                    + " or it could not ask its source; restart it: POST /connectors/" + status.name()
                    + "/restart?includeTasks=true");
        }
        return status.tasks().stream()
                .filter(task -> !task.state().equals("RUNNING"))
                .findFirst()
                .map(task -> "has a task that is " + task.state() + "; the worker's log says why");
    }

    private static String trace(Task task) {
        String trace = task.trace().orElse("Connect does not say why").replace('\n', ' ');
        return trace.length() > TRACE ? trace.substring(0, TRACE) + "…" : trace;
    }
}
