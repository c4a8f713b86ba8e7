package io.breakwater.local.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The samples of all rounds, summed up: one JSON object for each case and metric, in the order of the samples. */
final class Summary {

    /** Fewer samples have no 99th percentile worth printing. */
    private static final int PERCENTILES_FROM = 100;

    private record Key(String caseName, String metric, String unit) {}

    private final String bench;
    private final Map<Key, List<Double>> samples = new LinkedHashMap<>();

    Summary(String bench) {
        this.bench = bench;
    }

    void add(Benchmark.Sample sample) {
        samples.computeIfAbsent(new Key(sample.caseName(), sample.metric(), sample.unit()), key -> new ArrayList<>())
                .add(sample.value());
    }

    List<ObjectNode> lines() {
        return samples.entrySet().stream()
                .map(entry -> line(entry.getKey(), entry.getValue()))
                .toList();
    }

    /** The median of what each round gave, so that a slow phase of the machine counts for both sides. */
    ObjectNode line(Benchmark.Comparison comparison) {
        List<Double> ours = of(comparison, comparison.ours());
        List<Double> peers = of(comparison, comparison.peer());
        if (ours.isEmpty() || ours.size() != peers.size()) {
            throw new IllegalStateException(
                    comparison + ": not one sample a round, but " + ours.size() + " and " + peers.size());
        }
        List<Double> sorted = IntStream.range(0, ours.size())
                .mapToObj(round -> ours.get(round) / peers.get(round))
                .sorted()
                .toList();
        ObjectNode line = JsonNodeFactory.instance.objectNode();
        return line.put("bench", bench)
                .put("case", comparison.caseName())
                .put("metric", comparison.metric())
                .put("ratio", comparison.ours() + "/" + comparison.peer())
                .put("median", quantile(sorted, 0.5))
                .put("min", quantile(sorted, 0))
                .put("max", quantile(sorted, 1));
    }

    private List<Double> of(Benchmark.Comparison comparison, String variant) {
        String caseName = comparison.caseName() + "/" + variant;
        return samples.entrySet().stream()
                .filter(e -> e.getKey().caseName().equals(caseName)
                        && e.getKey().metric().equals(comparison.metric()))
                .flatMap(e -> e.getValue().stream())
                .toList();
    }

    private ObjectNode line(Key key, List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        ObjectNode line = JsonNodeFactory.instance.objectNode();
        line.put("bench", bench)
                .put("case", key.caseName())
                .put("metric", key.metric())
                .put("unit", key.unit())
                .put("median", quantile(sorted, 0.5))
                .put("min", sorted.get(0))
                .put("max", sorted.get(sorted.size() - 1));
        if (sorted.size() >= PERCENTILES_FROM) {
            line.put("p50", quantile(sorted, 0.5)).put("p99", quantile(sorted, 0.99));
        }
        return line.put("runs", sorted.size());
    }

    /** Between two samples, in proportion. */
    static double quantile(List<Double> sorted, double share) {
        double place = share * (sorted.size() - 1);
        int below = (int) Math.floor(place);
        int above = (int) Math.ceil(place);
        double value = sorted.get(below) + (place - below) * (sorted.get(above) - sorted.get(below));
        return Math.round(value * 1000) / 1000.0;
    }
}
