package io.breakwater.controller.signal;

import io.breakwater.platform.Region.ConnectCluster;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ClassicGroupDescription;
import org.apache.kafka.common.errors.GroupIdNotFoundException;

/**
 * Whether the region's Connect cluster has as many workers as the platform file says. Its REST API names no workers:
 * they are the members of the cluster's group in the region's Kafka. While that does not answer, nothing is known of
 * them.
 */
public final class ConnectWorkersSignal implements HealthSignal {

    private static final Duration EVERY = Duration.ofSeconds(5);

    private final String group;
    private final int expected;
    private final KafkaProbeAdmin kafka;

    /**
     * @param expected at least so many
     * @param kafka closed with this signal
     */
    ConnectWorkersSignal(String region, int expected, KafkaProbeAdmin kafka) {
        this.group = ConnectCluster.workerGroup(region);
        this.expected = expected;
        this.kafka = kafka;
    }

    @Override
    public String id() {
        return "connect-workers";
    }

    @Override
    public String signalClass() {
        return "connect";
    }

    @Override
    public Duration every() {
        return EVERY;
    }

    @Override
    public SignalReading noAnswer(Duration within) {
        return new SignalReading.Unknown("Kafka does not say within " + within.toMillis() + " ms who is in " + group);
    }

    @Override
    public SignalReading probe() throws InterruptedException {
        SignalReading reading = kafka.reading(this::count);
        return reading.equals(KafkaProbeAdmin.SILENT) ? noAnswer(Duration.ofMillis(kafka.limitMillis())) : reading;
    }

    private SignalReading count(Admin admin) throws InterruptedException, ExecutionException, TimeoutException {
        try {
            ClassicGroupDescription found = kafka.answer(
                            admin.describeClassicGroups(List.of(group)).all())
                    .values()
                    .iterator()
                    .next();
            return judge(found.members().size());
        } catch (ExecutionException e) {
            if (e.getCause() instanceof GroupIdNotFoundException) {
                return judge(0);
            }
            throw e;
        }
    }

    private SignalReading judge(int workers) {
        return workers >= expected
                ? new SignalReading.Healthy()
                : new SignalReading.Unhealthy(
                        workers + " of " + expected + " expected Connect workers are in the group " + group);
    }

    @Override
    public void close() {
        kafka.close();
    }
}
