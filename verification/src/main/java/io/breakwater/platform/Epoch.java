package io.breakwater.platform;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** Fencing number of a group, from 1; one more at each change of the active region. */
public record Epoch(@JsonValue long number) implements Comparable<Epoch> {

    public static final Epoch FIRST = new Epoch(1);

    @JsonCreator
    public Epoch {
        if (number < 1) {
            throw new IllegalArgumentException("epoch " + number + ": epochs begin at 1");
        }
    }

    public Epoch next() {
        return new Epoch(number + 1);
    }

    @Override
    public int compareTo(Epoch other) {
        return Long.compare(number, other.number);
    }

    @Override
    public String toString() {
        return Long.toString(number);
    }
}
