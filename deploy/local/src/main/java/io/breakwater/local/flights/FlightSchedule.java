package io.breakwater.local.flights;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.GZIPInputStream;

/** The flights of the data file, again and again, as events with ids. For one thread. */
public final class FlightSchedule {

    private static final String FILE = "flights-20k.csv.gz";

    private record Line(String departed, String origin, String destination, int delayMinutes, int distanceMiles) {

        static Line parse(String text) {
            String[] cells = text.split(",", -1);
            return new Line(cells[0], cells[1], cells[2], Integer.parseInt(cells[3]), Integer.parseInt(cells[4]));
        }
    }

    private final List<Line> lines;
    private final Map<String, Long> sequences = new HashMap<>();
    private long lastId;

    private FlightSchedule(List<Line> lines) {
        this.lines = lines;
    }

    /** Reads the data file that is part of this module. */
    public static FlightSchedule load() {
        InputStream file = Objects.requireNonNull(FlightSchedule.class.getResourceAsStream(FILE), FILE);
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(new GZIPInputStream(file), StandardCharsets.UTF_8))) {
            return new FlightSchedule(reader.lines().skip(1).map(Line::parse).toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @param now milliseconds since 1970 */
    public FlightEvent next(long now) {
        Line line = lines.get((int) (lastId % lines.size()));
        lastId++;
        long sequence = sequences.merge(line.origin(), 1L, Long::sum);
        return new FlightEvent(
                lastId,
                sequence,
                line.origin(),
                line.destination(),
                line.departed(),
                line.delayMinutes(),
                line.distanceMiles(),
                now);
    }
}
