package io.breakwater.platform;

import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The topics of a group that its Flink jobs declare as derived, and how far the mirror may carry each: up to its gate,
 * which is where the newest announced snapshot of its job stands in it.
 *
 * @param holds by topic, how long a record waits at the gate at most
 */
public record DerivedTopics(SortedMap<String, Duration> holds) {

    public DerivedTopics {
        holds = Collections.unmodifiableSortedMap(new TreeMap<>(holds));
    }

    /** @throws InvalidPlatformException if a job's outputs are declared wrongly, or two jobs have one derived topic */
    public static DerivedTopics of(ProtectionGroup group) {
        SortedMap<String, Duration> holds = new TreeMap<>();
        for (AssetSpec job : group.assets(AssetSpec.FLINK_JOB)) {
            JobOutputs outputs = JobOutputs.of(group, job);
            for (String topic : outputs.derived()) {
                if (holds.putIfAbsent(topic, outputs.hold()) != null) {
                    throw new InvalidPlatformException(List.of("assets: flink-job " + job.required("name")
                            + ": derived.topics has '" + topic + "', which another job has too: a derived topic has one"
                            + " writer; leave it out of both"));
                }
            }
        }
        return new DerivedTopics(holds);
    }

    public Set<String> topics() {
        return holds.keySet();
    }

    public boolean contains(PartitionKey partition) {
        return holds.containsKey(partition.topic());
    }

    /**
     * The gates that some receipts open, as source offsets: everything below them may be carried. A partition that no
     * snapshot names is not in it.
     *
     * @param flow of which receipts count
     */
    public OffsetVector gates(String group, Flow flow, Collection<Receipt> receipts) {
        SortedMap<PartitionKey, Long> gates = new TreeMap<>();
        receipts.stream()
                .filter(receipt ->
                        receipt.group().equals(group) && receipt.flow().equals(flow))
                .flatMap(receipt -> receipt.position().outputs().stream())
                .forEach(outputs -> outputs.gates().ends().forEach((partition, gate) -> {
                    if (contains(partition)) {
                        gates.merge(partition, gate, Math::max);
                    }
                }));
        return new OffsetVector(gates);
    }
}
