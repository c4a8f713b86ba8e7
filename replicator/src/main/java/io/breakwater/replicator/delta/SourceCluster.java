package io.breakwater.replicator.delta;

import io.breakwater.platform.Region.KafkaCluster;
import io.breakwater.region.KafkaSettings;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;

/**
 * The id of the Kafka cluster from which the tables' writers read. It is asked once; while the cluster does not
 * answer, at most every ten seconds. For one thread.
 */
final class SourceCluster {

    private static final int WAIT_MILLIS = 2000;
    private static final Duration BETWEEN = Duration.ofSeconds(10);

    private final KafkaCluster cluster;
    private final Clock clock;
    private Optional<String> id = Optional.empty();
    private Instant next = Instant.MIN;

    SourceCluster(KafkaCluster cluster, Clock clock) {
        this.cluster = cluster;
        this.clock = clock;
    }

    /** @return empty while it is not known */
    Optional<String> id() throws InterruptedException {
        if (id.isEmpty() && !clock.instant().isBefore(next)) {
            id = ask();
            next = clock.instant().plus(BETWEEN);
        }
        return id;
    }

    private Optional<String> ask() throws InterruptedException {
        Map<String, Object> settings = KafkaSettings.mirror(cluster);
        settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, WAIT_MILLIS);
        settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, WAIT_MILLIS);
        try (Admin admin = Admin.create(settings)) {
            return Optional.of(admin.describeCluster().clusterId().get(WAIT_MILLIS, TimeUnit.MILLISECONDS));
        } catch (ExecutionException | TimeoutException e) {
            return Optional.empty();
        }
    }
}
