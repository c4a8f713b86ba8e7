package io.breakwater.local.savepoint;

import java.util.ArrayList;
import java.util.List;

/**
 * One way in which a job moves.
 *
 * @param prefixed whether the standby's topic has another name
 * @param exactlyOnce whether the job's sink has transactions
 * @param before parallelism at home, {@code after} on the standby
 * @param rewritten false for the control: the snapshot is made self-contained, and its positions stay
 */
record MatrixCase(Taking taking, boolean prefixed, boolean exactlyOnce, int before, int after, boolean rewritten) {

    static final MatrixCase CONTROL = new MatrixCase(Taking.CHECKPOINT, false, false, 2, 2, false);

    private static final List<Integer> PARALLELISMS = List.of(1, 2, 4);

    /** How the snapshot comes to be. */
    enum Taking {
        NATIVE,
        CANONICAL,
        STOP,
        CHECKPOINT,
        MERGED_CHECKPOINT
    }

    MatrixCase(Taking taking, boolean prefixed, boolean exactlyOnce, int before, int after) {
        this(taking, prefixed, exactlyOnce, before, after, true);
    }

    /** The ways to take a snapshot that are most unlike the mirror's own savepoints. */
    static List<MatrixCase> few() {
        return List.of(
                new MatrixCase(Taking.MERGED_CHECKPOINT, true, true, 1, 2),
                new MatrixCase(Taking.CHECKPOINT, true, false, 2, 1),
                new MatrixCase(Taking.CANONICAL, false, true, 1, 4));
    }

    /** All of them, with each parallelism before and each after, in turn. */
    static List<MatrixCase> all() {
        List<MatrixCase> all = new ArrayList<>();
        for (Taking taking : Taking.values()) {
            for (boolean prefixed : new boolean[] {false, true}) {
                for (boolean exactlyOnce : new boolean[] {false, true}) {
                    int turn = all.size();
                    all.add(new MatrixCase(
                            taking,
                            prefixed,
                            exactlyOnce,
                            PARALLELISMS.get(turn % PARALLELISMS.size()),
                            PARALLELISMS.get(turn / PARALLELISMS.size() % PARALLELISMS.size())));
                }
            }
        }
        return all;
    }

    /** Of the job's arguments. */
    String delivery() {
        return exactlyOnce ? "exactly-once" : "at-least-once";
    }
}
