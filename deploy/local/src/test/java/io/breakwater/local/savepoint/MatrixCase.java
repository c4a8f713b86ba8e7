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

    static final MatrixCase CONTROL = new MatrixCase(Taking.CHECKPOINT, false, false, 4, 2, false);

    private static final List<Integer> PARALLELISMS = List.of(1, 2, 4);

    /** How the snapshot comes to be. After those from {@link #STOP} on, the job does not run any more. */
    enum Taking {
        NATIVE,
        CANONICAL,
        STOP,
        CHECKPOINT,
        MERGED_CHECKPOINT,
        CHANGELOG_CHECKPOINT
    }

    /**
     * Of a job at home, what makes it another one than others. Several cases may begin with snapshots of one job.
     *
     * @param merged whether its checkpoints have merged files
     * @param changelog whether its state has a changelog
     * @param stopped whether it ends by a stop with a savepoint, which deletes retained checkpoints
     */
    record Home(boolean merged, boolean changelog, boolean stopped, boolean exactlyOnce, int parallelism) {

        /** Of the job's arguments. */
        String delivery() {
            return exactlyOnce ? "exactly-once" : "at-least-once";
        }
    }

    MatrixCase(Taking taking, boolean prefixed, boolean exactlyOnce, int before, int after) {
        this(taking, prefixed, exactlyOnce, before, after, true);
    }

    /**
     * Fourteen that have all pairs of two settings but some of a way to take a snapshot with a parallelism before or
     * after. They begin with eight jobs at home.
     */
    static List<MatrixCase> pairs() {
        return List.of(
                new MatrixCase(Taking.NATIVE, false, true, 1, 4),
                new MatrixCase(Taking.NATIVE, false, false, 4, 1),
                new MatrixCase(Taking.NATIVE, true, true, 1, 2),
                new MatrixCase(Taking.CANONICAL, false, true, 1, 1),
                new MatrixCase(Taking.CANONICAL, true, false, 4, 4),
                new MatrixCase(Taking.CHECKPOINT, true, true, 1, 4),
                new MatrixCase(Taking.CHECKPOINT, false, false, 4, 2),
                new MatrixCase(Taking.STOP, false, true, 2, 2),
                new MatrixCase(Taking.STOP, true, false, 1, 4),
                new MatrixCase(Taking.STOP, true, true, 2, 1),
                new MatrixCase(Taking.MERGED_CHECKPOINT, true, true, 4, 1),
                new MatrixCase(Taking.MERGED_CHECKPOINT, false, false, 2, 4),
                new MatrixCase(Taking.CHANGELOG_CHECKPOINT, true, true, 2, 4),
                new MatrixCase(Taking.CHANGELOG_CHECKPOINT, false, false, 4, 1));
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

    Home home() {
        return new Home(
                taking == Taking.MERGED_CHECKPOINT,
                taking == Taking.CHANGELOG_CHECKPOINT,
                taking == Taking.STOP,
                exactlyOnce,
                before);
    }
}
