package io.breakwater.controller.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each failure names its seed: {@code new Simulation(seed, Mutation.NONE, Set.of()).run()} is that very run again. */
class SimulationTest {

    private static final int SEEDS = 2_000;
    private static final int ACL_SEEDS = 500;
    private static final int ALL_SEEDS = 100_000;
    private static final int ALL_ACL_SEEDS = 10_000;

    @Test
    void theInvariantsHoldInEveryRun() {
        Map<String, Long> seen = runs(SEEDS, SimulationTest::whereBrokersHoldLeases);

        // A simulation in which nothing happens proves nothing.
        assertHappened(seen, "promoted", SEEDS / 2);
        assertHappened(seen, "failed back", SEEDS / 20);
        assertHappened(seen, "flow begun", SEEDS / 5);
        assertHappened(seen, "broker killed", SEEDS / 2);
        assertHappened(seen, "cut off", SEEDS / 5);
        assertHappened(seen, "cut off one way", SEEDS / 5);
        assertHappened(seen, "node stopped", SEEDS / 2);
        assertHappened(seen, "members changed", SEEDS / 2);
        assertHappened(seen, "east open", SEEDS * 10);
        assertHappened(seen, "west open", SEEDS * 10);
    }

    @Test
    @Tag("long")
    void theInvariantsHoldWhereAclsCloseARegion() {
        Map<String, Long> seen = runs(ACL_SEEDS, SimulationTest::whereAclsClose);

        assertHappened(seen, "promoted", ACL_SEEDS / 4);
        assertHappened(seen, "failed back", ACL_SEEDS / 40);
        assertHappened(seen, "waived", ACL_SEEDS / 40);
        assertHappened(seen, "west open", ACL_SEEDS * 10);
    }

    @Test
    @Tag("full")
    void theInvariantsHoldInVeryManyRuns() {
        assertHappened(runs(ALL_SEEDS, SimulationTest::whereBrokersHoldLeases), "promoted", ALL_SEEDS / 2);
    }

    @Test
    @Tag("full")
    void theInvariantsHoldInManyRunsWhereAclsCloseARegion() {
        assertHappened(runs(ALL_ACL_SEEDS, SimulationTest::whereAclsClose), "promoted", ALL_ACL_SEEDS / 4);
    }

    private static Simulation whereBrokersHoldLeases(long seed) {
        return new Simulation(seed, Mutation.NONE, Set.of());
    }

    private static Simulation whereAclsClose(long seed) {
        return new Simulation(seed, Mutation.NONE, closedByAcls(seed));
    }

    /** Both regions, or one of them. */
    private static Set<String> closedByAcls(long seed) {
        return switch ((int) (seed % 4)) {
            case 0 -> Set.of("east");
            case 1 -> Set.of("west");
            default -> Set.of("east", "west");
        };
    }

    /** On all processors; the first violation ends it. */
    private static Map<String, Long> runs(int seeds, LongFunction<Simulation> simulation) {
        return LongStream.rangeClosed(1, seeds)
                .parallel()
                .mapToObj(seed -> simulation.apply(seed).run())
                .collect(
                        TreeMap::new,
                        (all, one) -> one.forEach((what, times) -> all.merge(what, (long) times, Long::sum)),
                        (all, others) -> others.forEach((what, times) -> all.merge(what, times, Long::sum)));
    }

    private static void assertHappened(Map<String, Long> seen, String what, long least) {
        assertThat(seen.getOrDefault(what, 0L)).as("%s, of %s", what, seen).isGreaterThan(least);
    }

    /** Each rule in turn is switched off; the check that is about it bites. */
    @ParameterizedTest
    @Tag("long")
    @EnumSource(value = Mutation.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void aRuleThatIsSwitchedOffIsCaught(Mutation mutation) {
        AtomicLong seed = new AtomicLong();

        Throwable caught = catchThrowable(() -> {
            while (seed.incrementAndGet() <= SEEDS) {
                Set<String> acls = mutation.ofAcls ? closedByAcls(seed.get()) : Set.of();
                new Simulation(seed.get(), mutation, acls).run();
            }
        });

        assertThat(caught).as("within %s runs", SEEDS).isInstanceOf(AssertionError.class);
        assertThat(caught).hasMessage("seed " + seed + ": " + mutation.caughtBy);
        System.out.println(mutation + ": caught with " + caught.getMessage());
    }
}
