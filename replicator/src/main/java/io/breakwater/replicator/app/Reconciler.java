package io.breakwater.replicator.app;

import io.breakwater.region.ConnectRest;
import io.breakwater.region.RestAnswer;
import java.time.Duration;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a Connect cluster have the connectors that the platform file asks for, again and again: creates those that are
 * missing, stopped, and corrects configurations that differ. It never changes a connector's state, which is the
 * controller's alone, and never deletes one.
 */
final class Reconciler implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(Reconciler.class);
    private static final Duration UNTIL_DONE = Duration.ofSeconds(2);
    private static final Duration WHEN_DONE = Duration.ofSeconds(30);

    private final ConnectRest connect;
    private final SortedMap<String, Map<String, String>> wanted;
    private SortedMap<String, String> problems = new TreeMap<>();

    Reconciler(ConnectRest connect, SortedMap<String, Map<String, String>> wanted) {
        this.connect = connect;
        this.wanted = wanted;
    }

    /** Until it is interrupted. */
    @Override
    public void run() {
        try {
            while (true) {
                boolean done = round();
                Thread.sleep((done ? WHEN_DONE : UNTIL_DONE).toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** @return whether everything is as it should be */
    private boolean round() throws InterruptedException {
        RestAnswer<SortedSet<String>> there = connect.connectors();
        if (there.ifOk().isEmpty()) {
            return false;
        }
        SortedMap<String, String> now = new TreeMap<>();
        for (Map.Entry<String, Map<String, String>> connector : wanted.entrySet()) {
            RestAnswer<?> answer = there.ifOk().get().contains(connector.getKey())
                    ? correct(connector.getKey(), connector.getValue())
                    : create(connector.getKey(), connector.getValue());
            if (answer.ifOk().isEmpty()) {
                now.put(connector.getKey(), answer.toString());
            }
        }
        report(now);
        return now.isEmpty();
    }

    private RestAnswer<?> create(String name, Map<String, String> config) throws InterruptedException {
        RestAnswer<?> answer = connect.createStopped(name, config);
        answer.ifOk().ifPresent(json -> LOG.info("connector={} created, stopped", name));
        return answer;
    }

    private RestAnswer<?> correct(String name, Map<String, String> config) throws InterruptedException {
        RestAnswer<Map<String, String>> current = connect.config(name);
        Map<String, String> known = new TreeMap<>(current.ifOk().orElse(Map.of()));
        known.remove("name");
        if (current.ifOk().isEmpty() || known.equals(config)) {
            return current;
        }
        SortedSet<String> changed = new TreeSet<>(config.keySet());
        changed.addAll(known.keySet());
        changed.removeIf(key -> config.getOrDefault(key, "").equals(known.getOrDefault(key, "")));
        LOG.info("connector={} configuration differs in {}; set as the platform file says", name, changed);
        return connect.configure(name, config);
    }

    private void report(SortedMap<String, String> now) {
        now.forEach((connector, problem) -> {
            if (!problem.equals(problems.get(connector))) {
                LOG.error("connector={} not as the platform file asks: {}", connector, problem);
            }
        });
        if (now.isEmpty() && !problems.isEmpty()) {
            LOG.info("all {} connectors are as the platform file asks", wanted.size());
        }
        problems = now;
    }
}
