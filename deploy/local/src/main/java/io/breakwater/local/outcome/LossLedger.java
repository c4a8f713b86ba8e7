package io.breakwater.local.outcome;

import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.local.flights.FlightEvent;
import io.breakwater.platform.Json;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectUri;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;

/** Reads the newest loss ledger of a group. */
final class LossLedger {

    private static final String MANIFEST = "manifest.json";

    private final ObjectStore store;
    private final ObjectUri folder;

    /** @param folder {@code s3://bucket/ledger/<group>} */
    LossLedger(ObjectStore store, ObjectUri folder) {
        this.store = store;
        this.folder = folder;
    }

    /**
     * The ids of the flight events that it lists.
     *
     * @throws IllegalStateException if there is none, or a file is not what the manifest says
     */
    List<Long> eventIds() throws IOException {
        ObjectUri epoch = newestEpoch();
        JsonNode manifest = Json.MAPPER.readTree(required(epoch.resolve(MANIFEST)));
        List<Long> ids = new ArrayList<>();
        for (JsonNode part : manifest.path("partitions")) {
            if (part.path("topic").asText().equals(FlightEvent.TOPIC)) {
                ids.addAll(read(
                        epoch.resolve(
                                FlightEvent.TOPIC + "-" + part.path("partition").asInt() + ".jsonl"),
                        part));
            }
        }
        return ids;
    }

    private ObjectUri newestEpoch() {
        return store.list(folder.resolve("")).stream()
                .map(info -> info.uri().key())
                .filter(key -> key.endsWith("/" + MANIFEST))
                .map(key -> key.substring(0, key.length() - MANIFEST.length() - 1))
                .max(Comparator.comparingLong(LossLedger::epoch))
                .map(key -> new ObjectUri(folder.bucket(), key))
                .orElseThrow(() -> new IllegalStateException("no loss ledger below " + folder));
    }

    private static long epoch(String key) {
        return Long.parseLong(key.substring(key.lastIndexOf('/') + 1).replaceAll("\\D", ""));
    }

    private List<Long> read(ObjectUri file, JsonNode part) throws IOException {
        byte[] bytes = required(file);
        List<Long> ids = new ArrayList<>();
        for (String line : new String(bytes, StandardCharsets.UTF_8).lines().toList()) {
            byte[] value = Json.MAPPER.readTree(line).path("value").binaryValue();
            ids.add(FlightEvent.fromJson(value).id());
        }
        if (ids.size() != part.path("records").asLong()
                || !sha256(bytes).equals(part.path("sha256").asText())) {
            throw new IllegalStateException(file + ": not what its manifest says");
        }
        return ids;
    }

    private byte[] required(ObjectUri uri) {
        return store.get(uri).orElseThrow(() -> new IllegalStateException(uri + " is not there"));
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
