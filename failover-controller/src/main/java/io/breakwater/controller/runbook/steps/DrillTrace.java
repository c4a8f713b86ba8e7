package io.breakwater.controller.runbook.steps;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.breakwater.platform.Json;
import io.breakwater.platform.Platform;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectUri;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What a drill is about to make in a region. It is stored there before anything is made, and deleted after everything
 * else, so that a drill that was cut off is cleared away by whoever finds it.
 *
 * @param drill its word
 * @param hold the object that keeps the snapshot, of which the flow brings newer ones meanwhile, from being deleted
 * @param jobId as which the job is submitted
 * @param topics that it makes
 * @param objects prefixes below which its job writes
 */
record DrillTrace(
        String drill,
        String group,
        String job,
        String region,
        Instant began,
        ObjectUri hold,
        String jobId,
        List<String> topics,
        List<ObjectUri> objects) {

    private static final String PLACE = "s3://{flink}/breakwater-drills";

    DrillTrace {
        topics = List.copyOf(topics);
        objects = List.copyOf(objects);
    }

    private static ObjectUri place(Platform platform, String group, String region) {
        return ObjectUri.parse(platform.region(region).objectStore().locate(PLACE))
                .resolve(group);
    }

    ObjectUri place(Platform platform) {
        return place(platform, group, region).resolve(drill + ".json");
    }

    void store(Platform platform, ObjectStore store) {
        try {
            store.put(place(platform), Json.MAPPER.writeValueAsBytes(this));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    void holdSnapshot(ObjectStore store) {
        store.put(hold, drill.getBytes(StandardCharsets.UTF_8));
    }

    /** Of drills whose end has not been seen; one may be running just now. */
    static List<DrillTrace> found(Platform platform, ObjectStore store, String group, String region) {
        List<DrillTrace> traces = new ArrayList<>();
        for (ObjectStore.ObjectInfo object :
                store.list(place(platform, group, region).resolve(""))) {
            store.get(object.uri()).ifPresent(json -> {
                try {
                    traces.add(Json.MAPPER.readValue(json, DrillTrace.class));
                } catch (IOException e) {
                    throw new UncheckedIOException(object.uri() + " is no trace of a drill", e);
                }
            });
        }
        return traces;
    }
}
