package io.breakwater.replicator.kafka.groups;

import io.breakwater.region.KafkaAnswer;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.AuthorizationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How long the standby's brokers keep a position of a group without members ({@code offsets.retention.minutes}, a
 * week by default); it changes when they are restarted. For one thread.
 */
public final class PositionRetention {

    private static final Duration PAUSE = Duration.ofHours(1);
    private static final Duration AFTER_FAILURE = Duration.ofMinutes(10);
    private static final String SETTING = "offsets.retention.minutes";

    private static final Logger LOG = LoggerFactory.getLogger(PositionRetention.class);

    private final Admin standby;
    private final String region;
    private Instant due = Instant.EPOCH;
    private Optional<Duration> told = Optional.empty();

    /**
     * @param standby stays the caller's to close
     * @param region its name, for messages
     */
    public PositionRetention(Admin standby, String region) {
        this.standby = standby;
        this.region = region;
    }

    /** Asked once an hour: the least of all brokers; empty if it is not due, or not told. */
    public Optional<Duration> ask(Instant now) throws InterruptedException {
        if (now.isBefore(due)) {
            return Optional.empty();
        }
        due = now.plus(PAUSE);
        Optional<Duration> retention = Optional.empty();
        try {
            retention = read();
        } catch (AuthorizationException e) {
            LOG.info(
                    "region={} does not tell its {}: positions are written again every {}; if it keeps them for less"
                            + " than twice that, grant the mirror's principal DESCRIBE_CONFIGS on the cluster",
                    region,
                    SETTING,
                    GroupPositions.REWRITE);
        } catch (KafkaException e) {
            due = now.plus(AFTER_FAILURE);
            LOG.warn("region={} its {} cannot be read now: {}", region, SETTING, e.getMessage());
        }
        if (retention.isPresent() && !retention.equals(told)) {
            LOG.info("region={} keeps positions for {}", region, retention.get());
            told = retention;
        }
        return retention;
    }

    private Optional<Duration> read() throws InterruptedException {
        var brokers = KafkaAnswer.await(standby.describeCluster().nodes(), "list brokers of region " + region).stream()
                .map(node -> new ConfigResource(ConfigResource.Type.BROKER, node.idString()))
                .toList();
        OptionalLong minutes =
                KafkaAnswer.await(standby.describeConfigs(brokers).all(), "describe brokers of region " + region)
                        .values()
                        .stream()
                        .flatMap(config -> Stream.ofNullable(config.get(SETTING)))
                        .map(ConfigEntry::value)
                        .mapToLong(Long::parseLong)
                        .min();
        return minutes.isPresent() ? Optional.of(Duration.ofMinutes(minutes.getAsLong())) : Optional.empty();
    }
}
