package io.breakwater.region.fork;

import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectUri;
import java.nio.charset.StandardCharsets;

/** A table's log written line by line; Delta Kernel opens it. Its data files are named and not there. */
final class TableByHand {

    static final ObjectUri ROOT = ObjectUri.parse("s3://lake/t");

    private static final String SCHEMA = "{\\\"type\\\":\\\"struct\\\",\\\"fields\\\":[{\\\"name\\\":\\\"id\\\","
            + "\\\"type\\\":\\\"long\\\",\\\"nullable\\\":true,\\\"metadata\\\":{}}]}";

    private final ObjectStore store;
    private final DeltaLogFiles log;

    TableByHand(ObjectStore store, String protocol) {
        this.store = store;
        this.log = new DeltaLogFiles(store, ROOT);
        put(
                0,
                "{\"commitInfo\":{\"timestamp\":0,\"operation\":\"CREATE TABLE\"}}\n{\"protocol\":" + protocol
                        + "}\n{\"metaData\":{\"id\":\"one\",\"format\":{\"provider\":\"parquet\",\"options\":{}},"
                        + "\"schemaString\":\"" + SCHEMA
                        + "\",\"partitionColumns\":[],\"configuration\":{},\"createdTime\":0}}\n");
    }

    DeltaLogFiles log() {
        return log;
    }

    /** A commit that adds one file of its version's name. */
    void append(long version) {
        put(version, commit(version, "file-" + version));
    }

    static String commit(long version, String file) {
        return "{\"commitInfo\":{\"timestamp\":" + version + ",\"operation\":\"WRITE\",\"engineInfo\":\"by hand\"}}\n"
                + "{\"add\":{\"path\":\"" + file + "\",\"partitionValues\":{},\"size\":" + (100 + version)
                + ",\"modificationTime\":0,\"dataChange\":true,\"stats\":\"{\\\"numRecords\\\":" + version + "}\"}}\n";
    }

    void put(long version, String commit) {
        store.put(log.commitFile(version), commit.getBytes(StandardCharsets.UTF_8));
    }
}
