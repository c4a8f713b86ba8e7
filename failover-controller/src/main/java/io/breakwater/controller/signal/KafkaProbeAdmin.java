package io.breakwater.controller.signal;

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
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.jspecify.annotations.Nullable;

/**
 * The client by which signals ask a Kafka cluster, opened at the first question. Every time-out of it is as short as
 * the probe's: with the defaults a dead broker is seen only after seconds. Signals may share it; closing it twice does
 * no harm. Thread-safe.
 */
final class KafkaProbeAdmin implements AutoCloseable {

    static final SignalReading SILENT = new SignalReading.Unhealthy("no broker answers");

    private static final int RECONNECT_BACKOFF_MS = 50;

    private final Map<String, Object> settings;
    private final Duration limit;
    private @Nullable Admin admin;

    /** @param limit of one probe */
    KafkaProbeAdmin(KafkaCluster cluster, Duration limit) {
        this.limit = limit;
        this.settings = settings(KafkaSettings.breakwater(cluster), limit);
        settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, Math.toIntExact(limit.toMillis()));
    }

    /** Settings that any client of a probe has: it gives up within the limit and tries nothing twice. */
    static Map<String, Object> settings(Map<String, Object> access, Duration limit) {
        int millis = Math.toIntExact(limit.toMillis());
        Map<String, Object> settings = new HashMap<>(access);
        settings.put(AdminClientConfig.CLIENT_ID_CONFIG, "breakwater-signal");
        settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, millis);
        settings.put(AdminClientConfig.SOCKET_CONNECTION_SETUP_TIMEOUT_MS_CONFIG, (long) millis);
        settings.put(AdminClientConfig.SOCKET_CONNECTION_SETUP_TIMEOUT_MAX_MS_CONFIG, (long) millis);
        settings.put(AdminClientConfig.RECONNECT_BACKOFF_MS_CONFIG, (long) RECONNECT_BACKOFF_MS);
        settings.put(AdminClientConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, (long) millis);
        settings.put(AdminClientConfig.RETRIES_CONFIG, 0);
        return settings;
    }

    /** Something that is asked of the cluster. */
    interface Question {
        SignalReading ask(Admin admin) throws InterruptedException, ExecutionException, TimeoutException;
    }

    /** What the answer means, also if there is none. */
    SignalReading reading(Question question) throws InterruptedException {
        try {
            return question.ask(client());
        } catch (ExecutionException e) {
            return isRefusal(e.getCause())
                    ? new SignalReading.Unknown("Kafka refuses this node's credentials")
                    : SILENT;
        } catch (TimeoutException e) {
            return SILENT;
        } catch (KafkaException e) {
            return new SignalReading.Unknown("no Kafka client can be made: check the region's bootstrap and client");
        }
    }

    <T> T answer(KafkaFuture<T> future) throws InterruptedException, ExecutionException, TimeoutException {
        return future.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    }

    int limitMillis() {
        return Math.toIntExact(limit.toMillis());
    }

    private static boolean isRefusal(@Nullable Throwable cause) {
        return cause instanceof AuthenticationException || cause instanceof AuthorizationException;
    }

    private synchronized Admin client() {
        Admin open = admin;
        if (open == null) {
            open = Admin.create(settings);
            admin = open;
        }
        return open;
    }

    @Override
    public synchronized void close() {
        if (admin != null) {
            admin.close(Duration.ZERO);
        }
    }
}
