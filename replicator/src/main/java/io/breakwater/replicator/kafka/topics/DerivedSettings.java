package io.breakwater.replicator.kafka.topics;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import io.breakwater.platform.DerivedTopics;
import io.breakwater.platform.Json;
import java.time.Duration;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.common.config.ConfigException;

/**
 * What the task of {@link TopicMirrorConnector} has to know of derived topics, as settings of the connector. MirrorMaker
 * hands all settings of a connector on to its tasks.
 *
 * @param group whose receipts move the gates
 */
public record DerivedSettings(String group, DerivedTopics topics) {

    private static final String GROUP = "breakwater.group";
    private static final String TOPICS = "breakwater.derived";

    /** Nothing if there are no derived topics. */
    public Map<String, String> settings() {
        if (topics.topics().isEmpty()) {
            return Map.of();
        }
        try {
            return Map.of(GROUP, group, TOPICS, Json.MAPPER.writeValueAsString(topics.holds()));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("derived topics cannot be written as JSON", e);
        }
    }

    /** @throws ConfigException if they are not as {@link #settings} makes them */
    static DerivedSettings of(Map<String, String> settings) {
        try {
            SortedMap<String, Duration> holds = Json.MAPPER.readValue(
                    settings.getOrDefault(TOPICS, "{}"), new TypeReference<TreeMap<String, Duration>>() {});
            return new DerivedSettings(settings.getOrDefault(GROUP, ""), new DerivedTopics(holds));
        } catch (JsonProcessingException e) {
            throw new ConfigException(TOPICS, settings.get(TOPICS), e.getOriginalMessage());
        }
    }
}
