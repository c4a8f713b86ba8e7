package io.breakwater.local.flights;

import java.util.Optional;

/** Tells the route. Thread-safe and never blocking. */
public interface RouteSource {

    /** Empty until one is known. */
    Optional<Route> current();
}
