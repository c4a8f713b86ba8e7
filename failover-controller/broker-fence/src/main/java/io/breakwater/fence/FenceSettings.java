package io.breakwater.fence;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.metadata.authorizer.StandardAuthorizer;

/**
 * What the plugin reads from the broker's properties.
 *
 * @param region this broker's region, as in the platform file
 * @param broker this broker's name in the controllers' log
 * @param controllers base URLs of the controller nodes, in the order in which they are tried at first
 * @param tokenFile holds the bearer token; read at each pull, so that it can be changed without a restart
 * @param exempt principals ({@code Type:name}) to which only the ACLs apply: superusers and Breakwater's own
 * @param pullInterval from the beginning of one pull to the next
 * @param pullTimeout of one attempt at one controller
 */
record FenceSettings(
        String region,
        String broker,
        List<URI> controllers,
        Path tokenFile,
        Set<String> exempt,
        Duration pullInterval,
        Duration pullTimeout) {

    static final String REGION = "breakwater.region";
    static final String BROKER = "breakwater.broker";
    static final String CONTROLLERS = "breakwater.controllers";
    static final String TOKEN_FILE = "breakwater.token.file";
    static final String EXEMPT = "breakwater.exempt.principals";
    static final String PULL_INTERVAL = "breakwater.pull.interval.ms";
    static final String PULL_TIMEOUT = "breakwater.pull.timeout.ms";

    private static final ConfigDef DEFINITION = new ConfigDef()
            .define(
                    REGION,
                    ConfigDef.Type.STRING,
                    ConfigDef.NO_DEFAULT_VALUE,
                    new ConfigDef.NonEmptyString(),
                    Importance.HIGH,
                    "This broker's region, as in the platform file.")
            .define(
                    BROKER,
                    ConfigDef.Type.STRING,
                    ConfigDef.NO_DEFAULT_VALUE,
                    new ConfigDef.NonEmptyString(),
                    Importance.HIGH,
                    "This broker's name in the controllers' log.")
            .define(CONTROLLERS, ConfigDef.Type.LIST, Importance.HIGH, "URLs of the controller nodes.")
            .define(TOKEN_FILE, ConfigDef.Type.STRING, Importance.HIGH, "File with the bearer token for lease pulls.")
            .define(
                    EXEMPT,
                    ConfigDef.Type.LIST,
                    List.of(),
                    Importance.MEDIUM,
                    "Principals besides the superusers to which only the ACLs apply.")
            .define(
                    PULL_INTERVAL,
                    ConfigDef.Type.LONG,
                    1000L,
                    ConfigDef.Range.between(100, 60_000),
                    Importance.LOW,
                    "From the beginning of one lease pull to the next.")
            .define(
                    PULL_TIMEOUT,
                    ConfigDef.Type.LONG,
                    800L,
                    ConfigDef.Range.between(50, 60_000),
                    Importance.LOW,
                    "Limit of one attempt at one controller.");

    /** @throws ConfigException if a property is missing or wrong, or the token file cannot be read */
    static FenceSettings from(Map<String, ?> properties) {
        AbstractConfig config = new AbstractConfig(DEFINITION, properties, false);
        List<URI> controllers = config.getList(CONTROLLERS).stream()
                .map(FenceSettings::controller)
                .toList();
        if (controllers.isEmpty()) {
            throw new ConfigException(CONTROLLERS, "", "at least one controller URL is needed");
        }
        Set<String> exempt = new HashSet<>(config.getList(EXEMPT));
        superUsers(properties).forEach(exempt::add);
        FenceSettings settings = new FenceSettings(
                config.getString(REGION),
                config.getString(BROKER),
                controllers,
                Path.of(config.getString(TOKEN_FILE)),
                Set.copyOf(exempt),
                Duration.ofMillis(config.getLong(PULL_INTERVAL)),
                Duration.ofMillis(config.getLong(PULL_TIMEOUT)));
        try {
            settings.token();
        } catch (IOException e) {
            throw new ConfigException(TOKEN_FILE, settings.tokenFile, "cannot be read: " + e);
        }
        return settings;
    }

    String token() throws IOException {
        return Files.readString(tokenFile).strip();
    }

    private static URI controller(String text) {
        URI uri;
        try {
            uri = URI.create(text.strip().replaceFirst("/+$", ""));
        } catch (IllegalArgumentException e) {
            throw new ConfigException(CONTROLLERS, text, "expected http://host:port");
        }
        if (uri.getHost() == null || !List.of("http", "https").contains(uri.getScheme())) {
            throw new ConfigException(CONTROLLERS, text, "expected http://host:port");
        }
        return uri;
    }

    /** Kafka's own rule: principals divided by {@code ;}. */
    private static Stream<String> superUsers(Map<String, ?> properties) {
        Object text = properties.get(StandardAuthorizer.SUPER_USERS_CONFIG);
        return text == null
                ? Stream.empty()
                : Stream.of(text.toString().split(";")).map(String::strip).filter(name -> !name.isEmpty());
    }
}
