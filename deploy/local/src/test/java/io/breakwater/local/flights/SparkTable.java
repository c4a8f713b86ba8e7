package io.breakwater.local.flights;

import io.breakwater.local.server.SparkServer;
import io.breakwater.region.ObjectUri;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** A table that Spark changes in many ways, at random. For one thread. */
final class SparkTable {

    private static final int IDS = 2_000;
    private static final int ROWS = 60;

    /** A kind of change. */
    enum Change {
        APPEND,
        UPDATE,
        DELETE,
        MERGE,
        REPLACE,
        OPTIMIZE,
        VACUUM,
        ALTER
    }

    private static final List<Change> OFTEN = List.of(
            Change.APPEND,
            Change.APPEND,
            Change.APPEND,
            Change.UPDATE,
            Change.UPDATE,
            Change.DELETE,
            Change.MERGE,
            Change.MERGE,
            Change.REPLACE,
            Change.OPTIMIZE,
            Change.ALTER,
            Change.VACUUM);

    private final SparkServer spark;
    private final String name;
    private final boolean mapped;
    private final Random random;
    private final List<String> extra = new ArrayList<>();
    private final Map<Change, Integer> done = new TreeMap<>();
    private int columns;

    /** @param mapped whether its columns may be renamed and dropped */
    SparkTable(SparkServer spark, ObjectUri table, boolean mapped, Random random) {
        this.spark = spark;
        this.name = SparkServer.named(table);
        this.mapped = mapped;
        this.random = random;
    }

    /** @param properties as {@code 'key'='value'} */
    void create(String properties) {
        spark.sql("CREATE TABLE " + name + " (id BIGINT, name STRING, n INT, part INT) USING delta"
                + " PARTITIONED BY (part) TBLPROPERTIES(" + properties + ")");
        change(Change.APPEND);
    }

    Change next() {
        return OFTEN.get(random.nextInt(OFTEN.size()));
    }

    /** How many changes there were, by kind. */
    Map<Change, Integer> done() {
        return done;
    }

    void change(Change change) {
        switch (change) {
            case APPEND -> spark.sql("INSERT INTO " + name + " (id, name, n, part) " + rows());
            case UPDATE -> spark.sql("UPDATE " + name + " SET n = n + 1 WHERE id % 7 = " + random.nextInt(7));
            case DELETE -> spark.sql("DELETE FROM " + name + " WHERE id % 23 = " + random.nextInt(23));
            case MERGE ->
                spark.sql("MERGE INTO " + name + " t USING (SELECT DISTINCT * FROM (" + rows() + ")) s ON t.id = s.id"
                        + " WHEN MATCHED AND s.id % 5 = 0 THEN DELETE"
                        + " WHEN MATCHED THEN UPDATE SET name = s.name, n = s.n"
                        + " WHEN NOT MATCHED THEN INSERT (id, name, n, part) VALUES (s.id, s.name, s.n, s.part)");
            case REPLACE -> {
                int part = random.nextInt(3);
                spark.sql("INSERT INTO " + name + " REPLACE WHERE part = " + part + " SELECT * FROM " + name
                        + " WHERE part = " + part + " AND id % 4 <> 0");
            }
            case OPTIMIZE -> spark.sql("OPTIMIZE " + name);
            case VACUUM -> spark.sql("VACUUM " + name + " RETAIN 0 HOURS");
            case ALTER -> alter();
        }
        done.merge(change, 1, Integer::sum);
    }

    private String rows() {
        int from = random.nextInt(IDS);
        return "SELECT id, concat('n', id, '-', " + random.nextInt(1000)
                + ") AS name, cast(id % 11 AS INT) AS n, cast(id % 3 AS INT) AS part FROM range(" + from + ", "
                + (from + ROWS) + ")";
    }

    private void alter() {
        if (!mapped || extra.isEmpty() || random.nextInt(3) == 0) {
            String column = "c" + columns++;
            spark.sql("ALTER TABLE " + name + " ADD COLUMNS (" + column + " INT)");
            spark.sql("UPDATE " + name + " SET " + column + " = n WHERE id % 3 = 1");
            extra.add(column);
        } else if (random.nextBoolean()) {
            String column = extra.remove(random.nextInt(extra.size()));
            spark.sql("ALTER TABLE " + name + " RENAME COLUMN " + column + " TO r" + column);
            extra.add("r" + column);
        } else {
            spark.sql("ALTER TABLE " + name + " DROP COLUMN " + extra.remove(random.nextInt(extra.size())));
        }
    }
}
