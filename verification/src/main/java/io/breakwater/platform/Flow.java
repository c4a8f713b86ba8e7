package io.breakwater.platform;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** One direction of replication, from the region that is read to the region that is written. Written {@code from-to}. */
public record Flow(String from, String to) {

    public Flow {
        if (from.isEmpty() || to.isEmpty() || from.contains("-") || to.contains("-") || from.equals(to)) {
            throw new IllegalArgumentException(
                    "flow '" + from + "-" + to + "': two different region names without '-' are needed");
        }
    }

    /** @throws IllegalArgumentException if the text is not {@code from-to} */
    @JsonCreator
    public static Flow parse(String text) {
        int dash = text.indexOf('-');
        if (dash < 0) {
            throw new IllegalArgumentException("flow '" + text + "': expected from-to");
        }
        return new Flow(text.substring(0, dash), text.substring(dash + 1));
    }

    public Flow reversed() {
        return new Flow(to, from);
    }

    @JsonValue
    @Override
    public String toString() {
        return from + "-" + to;
    }
}
