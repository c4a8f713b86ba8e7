package io.breakwater.local.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;

/** A commit of a Delta table with one partition column {@code part}, as its protocol writes it: one action a line. */
final class TableCommit {

    private static final String PARTITION_COLUMN = "part";
    private static final String SCHEMA = "{\"type\":\"struct\",\"fields\":["
            + "{\"name\":\"id\",\"type\":\"long\",\"nullable\":false,\"metadata\":{}},"
            + "{\"name\":\"part\",\"type\":\"string\",\"nullable\":false,\"metadata\":{}}]}";

    private final StringBuilder lines = new StringBuilder();
    private final long now = System.currentTimeMillis();

    TableCommit() {
        ObjectNode info = JsonNodeFactory.instance.objectNode();
        info.put("timestamp", now).put("operation", "WRITE").put("isBlindAppend", false);
        append("commitInfo", info);
    }

    /** As the first commit has it. */
    TableCommit begin(String id) {
        ObjectNode protocol = JsonNodeFactory.instance.objectNode();
        append("protocol", protocol.put("minReaderVersion", 1).put("minWriterVersion", 2));
        ObjectNode metadata = JsonNodeFactory.instance.objectNode().put("id", id);
        metadata.putObject("format").put("provider", "parquet").putObject("options");
        metadata.put("schemaString", SCHEMA).putArray("partitionColumns").add(PARTITION_COLUMN);
        metadata.putObject("configuration");
        append("metaData", metadata.put("createdTime", now));
        return this;
    }

    TableCommit add(String path, long size) {
        ObjectNode add = JsonNodeFactory.instance.objectNode().put("path", path).put("size", size);
        add.putObject("partitionValues").put(PARTITION_COLUMN, partition(path));
        append("add", add.put("modificationTime", now).put("dataChange", true));
        return this;
    }

    TableCommit remove(String path) {
        ObjectNode remove = JsonNodeFactory.instance.objectNode().put("path", path);
        append("remove", remove.put("deletionTimestamp", now).put("dataChange", true));
        return this;
    }

    /** Of a path {@code part=VALUE/NAME}. */
    private static String partition(String path) {
        return path.substring(path.indexOf('=') + 1, path.indexOf('/'));
    }

    private void append(String kind, ObjectNode action) {
        lines.append(JsonNodeFactory.instance.objectNode().set(kind, action).toString())
                .append('\n');
    }

    byte[] toBytes() {
        return lines.toString().getBytes(StandardCharsets.UTF_8);
    }
}
