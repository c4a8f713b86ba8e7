package io.breakwater.replicator.delta;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Spreads tables, and shares of tables that several tasks copy, over tasks. A table or share stays where it is while
 * others come and go, so that a new table does not stop the others' tasks. For one thread at a time.
 */
final class TableSpread {

    private final Map<String, Integer> places = new HashMap<>();

    /**
     * @param tables with the number of shares that each is to have; there are no more of one than tasks
     * @return one list a task, none of them empty, none with two shares of one table
     */
    List<List<AssignedTable>> over(int most, Collection<AssignedTable> tables) {
        List<AssignedTable> shares = shares(most, tables);
        int tasks = Math.min(most, shares.size());
        List<List<AssignedTable>> spread = new ArrayList<>();
        for (int i = 0; i < tasks; i++) {
            spread.add(new ArrayList<>());
        }
        places.keySet().retainAll(shares.stream().map(TableSpread::name).toList());
        places.values().removeIf(place -> place >= tasks);
        int fair = tasks == 0 ? 0 : (shares.size() + tasks - 1) / tasks;
        List<AssignedTable> homeless = new ArrayList<>();
        for (AssignedTable share : shares) {
            Optional<List<AssignedTable>> kept = Optional.ofNullable(places.get(name(share)))
                    .map(spread::get)
                    .filter(task -> task.size() < fair && !has(task, share));
            kept.ifPresentOrElse(task -> task.add(share), () -> homeless.add(share));
        }
        for (AssignedTable share : homeless) {
            List<AssignedTable> emptiest = spread.stream()
                    .filter(task -> !has(task, share))
                    .min(Comparator.comparingInt(List::size))
                    .orElseThrow();
            emptiest.add(share);
            places.put(name(share), spread.indexOf(emptiest));
        }
        return spread.stream().filter(some -> !some.isEmpty()).toList();
    }

    /** The tables themselves first, so that a share never takes a task that a table would have alone. */
    private static List<AssignedTable> shares(int most, Collection<AssignedTable> tables) {
        List<AssignedTable> shares = new ArrayList<>();
        List<AssignedTable> ahead = new ArrayList<>();
        for (AssignedTable table : tables) {
            List<AssignedTable> all =
                    table.shares(Math.min(Math.max(1, most), table.share().of()));
            shares.add(all.get(0));
            ahead.addAll(all.subList(1, all.size()));
        }
        shares.addAll(ahead);
        return shares;
    }

    private static boolean has(List<AssignedTable> task, AssignedTable share) {
        return task.stream().anyMatch(other -> other.name().equals(share.name()));
    }

    private static String name(AssignedTable share) {
        return share.publishes()
                ? share.name()
                : share.name() + "#" + share.share().index();
    }
}
