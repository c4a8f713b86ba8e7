package io.breakwater.local.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.local.process.Progress;
import java.util.List;

/** Something measured in rounds. A benchmark with several cases runs all of them in each round, so that they alternate. */
interface Benchmark extends AutoCloseable {

    String name();

    /** One measured value. */
    record Sample(String caseName, String metric, String unit, double value) {}

    /**
     * A ratio worth printing, round by round: one variant of a case to another. The variants' samples are those of the
     * cases {@code caseName/ours} and {@code caseName/peer}, one each in every round.
     */
    record Comparison(String caseName, String metric, String ours, String peer) {}

    List<Sample> round(Progress progress) throws InterruptedException;

    default List<Comparison> comparisons() {
        return List.of();
    }

    /** What follows from all rounds, one JSON object a line. */
    default List<ObjectNode> conclusions() {
        return List.of();
    }

    /** Ends what it runs. */
    @Override
    default void close() {}
}
