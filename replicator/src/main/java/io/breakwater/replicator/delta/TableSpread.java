package io.breakwater.replicator.delta;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Spreads tables over tasks. A table stays where it is while others come and go, so that a new table does not stop the
 * others' tasks. For one thread at a time.
 */
final class TableSpread {

    private final Map<String, Integer> places = new HashMap<>();

    /** @return one list a task, none of them empty */
    List<List<AssignedTable>> over(int most, Collection<AssignedTable> tables) {
        int tasks = Math.min(most, tables.size());
        List<List<AssignedTable>> spread = new ArrayList<>();
        for (int i = 0; i < tasks; i++) {
            spread.add(new ArrayList<>());
        }
        places.keySet().retainAll(tables.stream().map(AssignedTable::name).toList());
        places.values().removeIf(place -> place >= tasks);
        int fair = tasks == 0 ? 0 : (tables.size() + tasks - 1) / tasks;
        List<AssignedTable> homeless = new ArrayList<>();
        for (AssignedTable table : tables) {
            Integer place = places.get(table.name());
            if (place != null && spread.get(place).size() < fair) {
                spread.get(place).add(table);
            } else {
                homeless.add(table);
            }
        }
        for (AssignedTable table : homeless) {
            List<AssignedTable> emptiest =
                    spread.stream().min(Comparator.comparingInt(List::size)).orElseThrow();
            emptiest.add(table);
            places.put(table.name(), spread.indexOf(emptiest));
        }
        return spread.stream().filter(some -> !some.isEmpty()).toList();
    }
}
