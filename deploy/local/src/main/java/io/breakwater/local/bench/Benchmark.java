package io.breakwater.local.bench;

import io.breakwater.local.process.Progress;
import java.util.List;

/** Something measured in rounds. A benchmark with several cases runs all of them in each round, so that they alternate. */
interface Benchmark {

    String name();

    /** One measured value. */
    record Sample(String caseName, String metric, String unit, double value) {}

    List<Sample> round(Progress progress) throws InterruptedException;
}
