package io.breakwater.local.flights;

import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.apache.kafka.common.KafkaException;

/**
 * Keeps a part of the workload working where the route leads: one session after the other, a new one when the route
 * leads elsewhere or when the last one failed. Runs on a thread of its own until the stop sign.
 */
final class RouteFollower implements Runnable {

    private static final Duration PAUSE = Duration.ofMillis(250);

    /** Work in one region. */
    interface Session {

        /**
         * Works until {@code over}; an exception means that it could not, and that it should be tried again.
         *
         * @throws NotReadyException if the region is not ready for this work yet
         */
        void run(Route route, BooleanSupplier over) throws IOException;
    }

    /** What a session waits for. */
    static final class NotReadyException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        NotReadyException(String message) {
            super(message);
        }
    }

    private final String name;
    private final RouteSource routes;
    private final boolean onlyServing;
    private final Session session;
    private final Stop stop;
    private final PrintStream out;
    private String lastTrouble = "";

    /** @param onlyServing whether the session needs a region that lets ordinary clients in */
    RouteFollower(String name, RouteSource routes, boolean onlyServing, Session session, Stop stop, PrintStream out) {
        this.name = name;
        this.routes = routes;
        this.onlyServing = onlyServing;
        this.session = session;
        this.stop = stop;
        this.out = out;
    }

    @Override
    public void run() {
        while (!stop.isGiven()) {
            Optional<Route> route = routes.current().filter(r -> r.serving() || !onlyServing);
            route.ifPresent(this::work);
            stop.waitFor(PAUSE);
        }
    }

    private void work(Route route) {
        BooleanSupplier over = () ->
                stop.isGiven() || routes.current().map(route::leadsElsewhere).orElse(true);
        try {
            session.run(route, over);
        } catch (KafkaException | IOException | NotReadyException e) {
            tell(route, e);
        }
    }

    /** Each trouble once, not at every attempt. */
    private void tell(Route route, Exception e) {
        String trouble = name + " in " + route.region() + ": " + e.getClass().getSimpleName() + ": " + e.getMessage();
        if (!trouble.equals(lastTrouble)) {
            lastTrouble = trouble;
            out.println(trouble);
        }
    }
}
