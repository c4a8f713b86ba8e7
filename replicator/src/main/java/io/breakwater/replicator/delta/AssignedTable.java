package io.breakwater.replicator.delta;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import io.breakwater.platform.Json;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.common.config.ConfigException;

/**
 * A table in the configuration of a task.
 *
 * @param path as in the platform file, with the role of its bucket
 * @param spec the position, in the group's list of table assets, of the one that means it
 * @param share of the table's data files; with an index above 0, they are only copied ahead
 */
record AssignedTable(String name, String path, int spec, FileShare share) {

    /** The setting of a task that holds its tables. */
    static final String SETTING = "breakwater.tables";

    AssignedTable(String name, String path, int spec) {
        this(name, path, spec, FileShare.WHOLE);
    }

    /** The shares of the table, one for each of so many tasks, its own task's first. */
    List<AssignedTable> shares(int tasks) {
        return IntStream.range(0, tasks)
                .mapToObj(index -> new AssignedTable(name, path, spec, new FileShare(index, tasks)))
                .toList();
    }

    /** Whether the task that has it publishes the table's versions. */
    boolean publishes() {
        return share.index() == 0;
    }

    static String toSetting(List<AssignedTable> tables) {
        try {
            return Json.MAPPER.writeValueAsString(tables);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("tables can't be written as JSON", e);
        }
    }

    /** @throws ConfigException if the text is none that {@link #toSetting} has made */
    static List<AssignedTable> fromSetting(String text) {
        try {
            return Json.MAPPER.readValue(text, new TypeReference<List<AssignedTable>>() {});
        } catch (JsonProcessingException e) {
            ConfigException wrong = new ConfigException(SETTING, text, "not made by this connector");
            wrong.initCause(e);
            throw wrong;
        }
    }
}
