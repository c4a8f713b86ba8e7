package io.breakwater.local.outcome;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.breakwater.local.flights.FlightEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The restored job's keyed state against the records of its region: what a linear scan of the topic, up to the last
 * event that the state has of a key, arrives at. Whatever was lost with the old region is missing in both.
 *
 * @param restoredFrom where the savepoint was; empty if the job was not restored
 * @param keys how many airports were compared
 * @param duplicates events that the state has more often than the topic
 * @param gaps events that the topic has and the state has not
 * @param unmatched airports whose state holds other events than the topic
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record FlinkOutcome(String restoredFrom, long keys, long duplicates, long gaps, long unmatched) {

    /** What a scan arrives at for one airport. */
    private record Scan(long events, long idSum, long idXor, long lastSequence, long duplicates) {

        static final Scan NONE = new Scan(0, 0, 0, 0, 0);

        Scan with(FlightEvent event) {
            if (event.sequence() <= lastSequence) {
                return new Scan(events, idSum, idXor, lastSequence, duplicates + 1);
            }
            return new Scan(events + 1, idSum + event.id(), idXor ^ event.id(), event.sequence(), duplicates);
        }
    }

    /**
     * @param stored the job's input topic, in order within each partition
     * @param summaries the newest of each airport that the restored job wrote
     */
    public static FlinkOutcome of(
            String restoredFrom, List<StoredEvent> stored, Map<String, AirportSummary> summaries) {
        SortedMap<String, List<FlightEvent>> byAirport = byAirport(stored);
        long duplicates = 0;
        long gaps = 0;
        long unmatched = summaries.keySet().stream()
                .filter(airport -> !byAirport.containsKey(airport))
                .count();
        for (Map.Entry<String, List<FlightEvent>> airport : byAirport.entrySet()) {
            AirportSummary state = summaries.get(airport.getKey());
            if (state == null) {
                gaps += airport.getValue().size();
                continue;
            }
            Scan scan = scan(airport.getValue(), state.lastId());
            long more = Math.max(0, state.events() - scan.events());
            long fewer = Math.max(0, scan.events() - state.events());
            duplicates += more + Math.max(0, state.duplicates() - scan.duplicates());
            gaps += fewer;
            boolean same = state.idSum() == scan.idSum() && state.idXor() == scan.idXor();
            unmatched += more == 0 && fewer == 0 && !same ? 1 : 0;
        }
        return new FlinkOutcome(restoredFrom, byAirport.size(), duplicates, gaps, unmatched);
    }

    /** Whether the job has applied the last event of every airport. */
    static boolean caughtUp(List<StoredEvent> stored, Map<String, AirportSummary> summaries) {
        return byAirport(stored).entrySet().stream().allMatch(airport -> {
            AirportSummary state = summaries.get(airport.getKey());
            List<FlightEvent> events = airport.getValue();
            return state != null
                    && state.lastId() == events.get(events.size() - 1).id();
        });
    }

    private static SortedMap<String, List<FlightEvent>> byAirport(List<StoredEvent> stored) {
        SortedMap<String, List<FlightEvent>> byAirport = new TreeMap<>();
        stored.forEach(event -> byAirport
                .computeIfAbsent(event.event().airport(), a -> new ArrayList<>())
                .add(event.event()));
        return byAirport;
    }

    /** Up to the last event that the state has, and what came again right behind it. */
    private static Scan scan(List<FlightEvent> events, long lastId) {
        Scan scan = Scan.NONE;
        boolean reached = false;
        for (FlightEvent event : events) {
            if (reached && event.sequence() > scan.lastSequence()) {
                return scan;
            }
            scan = scan.with(event);
            reached = reached || event.id() == lastId;
        }
        return scan;
    }
}
