package io.breakwater.local.savepoint;

import java.util.List;

/**
 * One way in which a job moves.
 *
 * @param prefixed whether the standby's topics have another name
 * @param exactlyOnce whether the job's sink has transactions
 * @param before parallelism at home, {@code after} on the standby
 */
record MatrixCase(Taking taking, boolean prefixed, boolean exactlyOnce, int before, int after) {

    /** How the snapshot comes to be. */
    enum Taking {
        NATIVE,
        CANONICAL,
        STOP,
        CHECKPOINT,
        MERGED_CHECKPOINT
    }

    /** Each pair of two columns' values is in one of them, but for parallelisms. */
    static List<MatrixCase> pairwise() {
        return List.of(
                new MatrixCase(Taking.NATIVE, false, true, 1, 2),
                new MatrixCase(Taking.NATIVE, true, false, 2, 4),
                new MatrixCase(Taking.NATIVE, false, false, 4, 1),
                new MatrixCase(Taking.CANONICAL, true, true, 2, 1),
                new MatrixCase(Taking.CANONICAL, false, false, 1, 4),
                new MatrixCase(Taking.CHECKPOINT, false, true, 2, 2),
                new MatrixCase(Taking.CHECKPOINT, true, false, 4, 2),
                new MatrixCase(Taking.CHECKPOINT, true, true, 2, 4),
                new MatrixCase(Taking.MERGED_CHECKPOINT, true, true, 1, 1),
                new MatrixCase(Taking.MERGED_CHECKPOINT, false, false, 2, 4),
                new MatrixCase(Taking.STOP, false, true, 4, 2),
                new MatrixCase(Taking.STOP, true, false, 1, 2));
    }

    /** Of the job's arguments. */
    String delivery() {
        return exactlyOnce ? "exactly-once" : "at-least-once";
    }
}
