package io.breakwater.replicator.kafka.cli;

import io.breakwater.platform.InvalidPlatformException;
import io.breakwater.platform.Secret;
import io.breakwater.region.KafkaAnswer;
import io.breakwater.region.SegmentTopic;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.TimeoutException;

/** One cluster as the command line names it: client settings in a properties file. For one thread. */
public final class Cluster implements AutoCloseable {

    private static final int ANSWER_MILLIS = 10_000;
    private static final Duration CLOSE_WAIT = Duration.ofSeconds(1);

    private final String option;
    private final Map<String, Object> settings;
    private final Admin admin;

    private Cluster(String option, Map<String, Object> settings) {
        this.option = option;
        this.settings = settings;
        this.admin = asking(() -> Admin.create(settings));
    }

    /** What is asked of the cluster. */
    @FunctionalInterface
    public interface Question<T> {
        T ask() throws InterruptedException, IOException;
    }

    /**
     * Reads the settings; secrets may be written {@code ${env:NAME}} and {@code ${file:/path}}.
     *
     * @param option under which the file was given, for messages
     * @throws NotDoneException if the file is not there, or does not say where the cluster is
     */
    public static Cluster open(String option, Path file) {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        } catch (IOException | IllegalArgumentException e) {
            throw new NotDoneException(option + " " + file + ": no such readable properties file");
        }
        if (properties
                .getProperty(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, "")
                .isBlank()) {
            throw new NotDoneException(
                    option + " " + file + ": it has no " + CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG
                            + "; give the client settings of the cluster, as Kafka's own tools take them");
        }
        Map<String, Object> settings = new HashMap<>();
        try {
            properties
                    .stringPropertyNames()
                    .forEach(name -> settings.put(name, Secret.resolve(properties.getProperty(name))));
        } catch (InvalidPlatformException e) {
            throw new NotDoneException(option + " " + file + ": " + e.getMessage());
        }
        settings.putIfAbsent(CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, String.valueOf(ANSWER_MILLIS));
        settings.putIfAbsent(CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, String.valueOf(ANSWER_MILLIS));
        return new Cluster(option + " " + file, settings);
    }

    public Map<String, Object> settings() {
        return settings;
    }

    Admin admin() {
        return admin;
    }

    /** @throws NotDoneException if the cluster does not say it, or it is not one that a stamp can name */
    public Uuid id() throws InterruptedException {
        String id = asking(() -> KafkaAnswer.await(admin.describeCluster().clusterId(), "ask for the cluster id"));
        return uuid(option + ": the cluster's id", id);
    }

    /** @param what it is, for the message */
    public static Uuid uuid(String what, String id) {
        try {
            return Uuid.fromString(id);
        } catch (IllegalArgumentException e) {
            throw new NotDoneException(what + " '" + id
                    + "' is no UUID as Kafka writes them, 22 characters; only such a one is in stamps");
        }
    }

    /** @throws NotDoneException in the place of each failure of Kafka's: where, what, and what to do */
    public <T> T asking(Question<T> question) {
        try {
            return question.ask();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NotDoneException(at() + "interrupted");
        } catch (IOException e) {
            throw new NotDoneException("cannot write what was read: " + e);
        } catch (TimeoutException e) {
            throw new NotDoneException(at() + "the cluster does not answer (" + e.getMessage()
                    + "): is it running, and do the settings fit its listener?");
        } catch (AuthenticationException e) {
            throw new NotDoneException(at() + "the cluster refuses the login: " + e.getMessage());
        } catch (AuthorizationException e) {
            throw new NotDoneException(at() + e.getMessage()
                    + ": this login needs DESCRIBE and READ on topics (also on " + SegmentTopic.NAME
                    + ") and groups, DESCRIBE on the cluster, and READ on the groups that it writes");
        } catch (KafkaException e) {
            throw new NotDoneException(at() + reason(e));
        }
    }

    private String at() {
        return option + " (" + settings.get(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG) + "): ";
    }

    /** Kafka wraps what is wrong with settings in a message that does not say it. */
    private static String reason(KafkaException e) {
        Throwable cause = e;
        while (cause.getCause() instanceof KafkaException inner) {
            cause = inner;
        }
        return String.valueOf(cause.getMessage());
    }

    @Override
    public void close() {
        admin.close(CLOSE_WAIT);
    }
}
