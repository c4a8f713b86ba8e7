package io.breakwater.controller.signal;

import io.breakwater.controller.core.RegionVerdict;
import io.breakwater.platform.Region.KafkaCluster;
import io.breakwater.region.KafkaSettings;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.jspecify.annotations.Nullable;

/**
 * Whether any broker answers for the cluster's metadata. Every time-out of the client is as short as the probe's: with
 * the defaults a dead broker is seen only after seconds.
 */
public final class KafkaSignal implements HealthSignal {

    private static final int RECONNECT_BACKOFF_MS = 50;

    private final Map<String, Object> settings;
    private final Duration limit;
    private @Nullable Admin admin;

    /** @param limit of one probe */
    public KafkaSignal(KafkaCluster cluster, Duration limit) {
        this.limit = limit;
        int millis = Math.toIntExact(limit.toMillis());
        settings = new HashMap<>(KafkaSettings.breakwater(cluster));
        settings.put(AdminClientConfig.CLIENT_ID_CONFIG, "breakwater-signal");
        settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, millis);
        settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, millis);
        settings.put(AdminClientConfig.SOCKET_CONNECTION_SETUP_TIMEOUT_MS_CONFIG, (long) millis);
        settings.put(AdminClientConfig.SOCKET_CONNECTION_SETUP_TIMEOUT_MAX_MS_CONFIG, (long) millis);
        settings.put(AdminClientConfig.RECONNECT_BACKOFF_MS_CONFIG, (long) RECONNECT_BACKOFF_MS);
        settings.put(AdminClientConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, (long) millis);
        settings.put(AdminClientConfig.RETRIES_CONFIG, 0);
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
        try {
            int brokers = client().describeCluster(
                            new DescribeClusterOptions().timeoutMs(Math.toIntExact(limit.toMillis())))
                    .nodes()
                    .get(limit.toMillis(), TimeUnit.MILLISECONDS)
                    .size();
            return brokers > 0
                    ? new SignalReading.Healthy()
                    : new SignalReading.Unhealthy("the cluster has no live broker");
        } catch (ExecutionException e) {
            return isRefusal(e.getCause())
                    ? new SignalReading.Unknown("Kafka refuses this node's credentials")
                    : new SignalReading.Unhealthy("no broker answers");
        } catch (TimeoutException e) {
            return new SignalReading.Unhealthy("no broker answers");
        } catch (KafkaException e) {
            return new SignalReading.Unknown("no Kafka client can be made: check the region's bootstrap and client");
        }
    }

    private static boolean isRefusal(@Nullable Throwable cause) {
        return cause instanceof AuthenticationException || cause instanceof AuthorizationException;
    }

    private Admin client() {
        Admin open = admin;
        if (open == null) {
            open = Admin.create(settings);
            admin = open;
        }
        return open;
    }

    @Override
    public void close() {
        if (admin != null) {
            admin.close(Duration.ZERO);
        }
    }
}
