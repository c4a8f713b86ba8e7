package io.breakwater.local.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.local.process.Progress;
import io.breakwater.local.quickstart.Directories;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever the topics are like and wherever a group stands when its cluster is killed: on the standby it goes on at the
 * same record. Each failure names its seed; {@code -Dbreakwater.positions.seed} repeats it.
 */
class PositionsPropertyIT {

    private static final Progress PROGRESS = Progress.to(System.out);
    private static final String SEED = "breakwater.positions.seed";
    private static final int FEW_GROUPS = 6;
    private static final int GROUPS = 28;
    private static final int ROUNDS = 3;

    @TempDir
    private Path directory;

    private final long seed = Long.getLong(SEED, new Random().nextInt(Integer.MAX_VALUE));

    @Test
    void everyPositionIsExactAfterAKill() throws Exception {
        check(new PositionsRound(seed, FEW_GROUPS, PROGRESS).run(directory), 60);
    }

    @Test
    @Tag("full")
    void aThousandPositionsAreExactAfterKills() throws Exception {
        PositionsOutcome all = new PositionsRound(seed, GROUPS, PROGRESS).run(round(0));
        for (int round = 1; round < ROUNDS; round++) {
            Directories.delete(round(round - 1));
            all.add(new PositionsRound(seed + round, GROUPS, PROGRESS).run(round(round)));
            PROGRESS.line("after " + (round + 1) + " rounds: " + all);
        }
        check(all, 1_000);
    }

    private void check(PositionsOutcome outcome, int groupPartitions) {
        PROGRESS.line("seed " + seed + ": " + outcome);
        assertThat(outcome.wrong())
                .as("positions that are off; " + SEED + "=" + seed)
                .isEmpty();
        assertThat(outcome.checked()).isGreaterThanOrEqualTo(groupPartitions);
        assertThat(outcome.kinds())
                .as("kinds of places; " + SEED + "=" + seed)
                .containsKeys(PositionChoice.Kind.values());
    }

    private Path round(int number) throws Exception {
        return Files.createDirectories(directory.resolve("round-" + number));
    }
}
