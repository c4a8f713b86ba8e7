package io.breakwater.replicator.delta;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TableSpreadTest {

    private final TableSpread spread = new TableSpread();

    @Test
    void noTaskIsEmptyAndNoneHasMuchMoreThanAnother() {
        assertThat(spread.over(4, List.of())).isEmpty();
        assertThat(spread.over(4, tables(2))).hasSize(2).allMatch(task -> task.size() == 1);
        assertThat(spread.over(4, tables(10))).hasSize(4).allMatch(task -> task.size() >= 2 && task.size() <= 3);
    }

    @Test
    void aNewTableMovesNoOther() {
        List<List<AssignedTable>> before = spread.over(3, tables(6));

        List<AssignedTable> more = new ArrayList<>(tables(6));
        more.add(0, new AssignedTable("new", "s3://{lake}/new", 0));
        List<List<AssignedTable>> after = spread.over(3, more);

        assertThat(after.stream().flatMap(List::stream)).hasSize(7);
        for (int task = 0; task < 3; task++) {
            assertThat(after.get(task)).containsAll(before.get(task));
        }
    }

    @Test
    void aBigTablesSharesAreInTasksOfTheirOwnAsLongAsThereAreSome() {
        AssignedTable big = new AssignedTable("big", "s3://{lake}/big", 0, new FileShare(0, 3));

        List<List<AssignedTable>> alone = spread.over(4, List.of(big));
        assertThat(alone).hasSize(3).allMatch(task -> task.size() == 1);
        assertThat(alone.stream().flatMap(List::stream).map(AssignedTable::share))
                .containsExactly(new FileShare(0, 3), new FileShare(1, 3), new FileShare(2, 3));
        assertThat(spread.over(2, List.of(big)).stream().flatMap(List::stream).map(AssignedTable::share))
                .as("no more than tasks")
                .containsExactlyInAnyOrder(new FileShare(0, 2), new FileShare(1, 2));
        assertThat(spread.over(1, List.of(big)))
                .containsExactly(List.of(new AssignedTable("big", "s3://{lake}/big", 0)));
    }

    @Test
    void noTaskHasTwoSharesOfOneTableAndNoneMovesForANewTable() {
        AssignedTable big = new AssignedTable("big", "s3://{lake}/big", 0, new FileShare(0, 4));
        List<AssignedTable> some = new ArrayList<>(tables(3));
        some.add(big);
        List<List<AssignedTable>> before = spread.over(4, some);
        some.add(0, new AssignedTable("new", "s3://{lake}/new", 0));

        List<List<AssignedTable>> after = spread.over(4, some);

        assertThat(after).hasSize(4);
        for (int task = 0; task < 4; task++) {
            assertThat(after.get(task)).containsAll(before.get(task));
            assertThat(after.get(task).stream().filter(share -> share.name().equals("big")))
                    .hasSize(1);
        }
    }

    @Test
    void aTasksTablesSurviveTheirWayThroughItsSettings() {
        assertThat(AssignedTable.fromSetting(AssignedTable.toSetting(tables(2))))
                .isEqualTo(tables(2));
    }

    private static List<AssignedTable> tables(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new AssignedTable("t" + i, "s3://{lake}/t" + i, 0))
                .toList();
    }
}
