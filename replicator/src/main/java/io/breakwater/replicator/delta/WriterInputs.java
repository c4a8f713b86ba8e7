package io.breakwater.replicator.delta;

import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.WriterInput;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The newest version of each transaction id of a table, as its log has them up to some version. Immutable. */
public final class WriterInputs {

    public static final WriterInputs NONE = new WriterInputs(new TreeMap<>());

    private final SortedMap<String, Long> txns;

    private WriterInputs(SortedMap<String, Long> txns) {
        this.txns = txns;
    }

    /** With the transactions of a later commit. */
    WriterInputs with(Map<String, Long> later) {
        if (later.isEmpty()) {
            return this;
        }
        SortedMap<String, Long> merged = new TreeMap<>(txns);
        merged.putAll(later);
        return new WriterInputs(merged);
    }

    /** How far a writer had read the topics of one cluster. */
    public OffsetVector of(String writer, String clusterId) {
        Map<PartitionKey, Long> ends = txns.entrySet().stream()
                .flatMap(txn -> WriterInput.parse(txn.getKey())
                        .filter(input -> input.writer().equals(writer)
                                && input.clusterId().equals(clusterId))
                        .map(input -> Map.entry(input.partition(), txn.getValue()))
                        .stream())
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        return new OffsetVector(new TreeMap<>(ends));
    }

    public Optional<Long> version(String appId) {
        return Optional.ofNullable(txns.get(appId));
    }
}
