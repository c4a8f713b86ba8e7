package io.breakwater.local.server;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;

/** Who speaks to a local Kafka cluster. The passwords guard nothing: the servers listen on 127.0.0.1 only. */
public enum Principal {
    /** Superuser: the broker itself and Breakwater's controller. */
    ADMIN,
    /** The Connect worker's own topics. */
    CONNECT,
    /** The flow that writes into the cluster. */
    MIRROR,
    /** The group's own Flink job and table writer. */
    PIPELINE,
    /** Ordinary producers and consumers. */
    APP,
    /** Jobs that are restored by a drill, beside the group's own. */
    DRILL;

    public String user() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }

    /** As ACLs write it. */
    public String kafkaPrincipal() {
        return "User:" + user();
    }

    public String jaas() {
        return login() + ";";
    }

    /** Kafka client settings, without the bootstrap address. */
    public Map<String, String> clientSettings() {
        return Map.of("security.protocol", "SASL_PLAINTEXT", "sasl.mechanism", "PLAIN", "sasl.jaas.config", jaas());
    }

    /** The login of a broker that knows all principals and is {@link #ADMIN} itself. */
    static String brokerJaas() {
        return Arrays.stream(values())
                .map(known -> "user_" + known.user() + "=\"" + known.password() + "\"")
                .collect(Collectors.joining(" ", ADMIN.login() + " ", ";"));
    }

    private String login() {
        return "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"" + user()
                + "\" password=\"" + password() + "\"";
    }

    private String password() {
        return user() + "-local";
    }
}
