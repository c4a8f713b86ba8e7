package io.breakwater.controller.signal;

import io.breakwater.controller.core.RegionVerdict;
import io.breakwater.platform.Region.KafkaCluster;
import java.time.Duration;
import org.apache.kafka.clients.admin.DescribeClusterOptions;

/** Whether any broker answers for the cluster's metadata. */
public final class KafkaSignal implements HealthSignal {

    private final KafkaProbeAdmin kafka;

    /** @param limit of one probe */
    public KafkaSignal(KafkaCluster cluster, Duration limit) {
        this.kafka = new KafkaProbeAdmin(cluster, limit);
    }

    @Override
    public String id() {
        return "kafka-metadata";
    }

    @Override
    public String signalClass() {
        return RegionVerdict.KAFKA;
    }

    @Override
    public SignalReading probe() throws InterruptedException {
        return kafka.reading(admin -> {
            DescribeClusterOptions options = new DescribeClusterOptions().timeoutMs(kafka.limitMillis());
            int brokers = kafka.answer(admin.describeCluster(options).nodes()).size();
            return brokers > 0
                    ? new SignalReading.Healthy()
                    : new SignalReading.Unhealthy("the cluster has no live broker");
        });
    }

    @Override
    public void close() {
        kafka.close();
    }
}
