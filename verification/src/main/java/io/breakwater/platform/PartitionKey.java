package io.breakwater.platform;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Comparator;

/** A Kafka partition, named without a Kafka client on the class path. Written {@code topic-partition}. */
public record PartitionKey(String topic, int partition) implements Comparable<PartitionKey> {

    private static final Comparator<PartitionKey> ORDER =
            Comparator.comparing(PartitionKey::topic).thenComparingInt(PartitionKey::partition);

    public PartitionKey {
        if (topic.isEmpty() || partition < 0) {
            throw new IllegalArgumentException("partition '" + topic + "-" + partition + "' is not a topic partition");
        }
    }

    /** @throws IllegalArgumentException if the text is not {@code topic-partition} */
    @JsonCreator
    public static PartitionKey parse(String text) {
        int dash = text.lastIndexOf('-');
        if (dash < 1) {
            throw new IllegalArgumentException("partition '" + text + "': expected topic-partition");
        }
        return new PartitionKey(text.substring(0, dash), Integer.parseInt(text.substring(dash + 1)));
    }

    @Override
    public int compareTo(PartitionKey other) {
        return ORDER.compare(this, other);
    }

    @JsonValue
    @Override
    public String toString() {
        return topic + "-" + partition;
    }
}
