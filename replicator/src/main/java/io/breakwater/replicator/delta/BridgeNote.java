package io.breakwater.replicator.delta;

import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.platform.Json;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.ReplicaNotes;
import io.breakwater.region.UnreadableNoteException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;

/**
 * What a bridge has to tidy up when its time has come, noted beside the replica, so that a mirror that died on the way
 * knows it. It is read once, until it is asked for again. For one thread.
 */
final class BridgeNote {

    private final ObjectStore store;
    private final ObjectUri table;
    private final String name;
    private final String ifUnreadable;
    private Optional<Way> way = Optional.empty();
    private boolean asked;

    /**
     * A way over versions that could not be carried.
     *
     * @param from the version before the first that was put with other bytes; -1 if there is none
     * @param to the last such version
     * @param own whether the source's own commits stand between them again
     */
    record Way(long from, long to, Instant made, boolean own) {}

    /**
     * @param table root of the replica
     * @param name of the note's file
     * @param ifUnreadable what happens if somebody deletes a note that can't be read
     */
    BridgeNote(ObjectStore store, ObjectUri table, String name, String ifUnreadable) {
        this.store = store;
        this.table = table;
        this.name = name;
        this.ifUnreadable = ifUnreadable;
    }

    /** @throws UnreadableNoteException if it is none that this release has written */
    Optional<Way> way() {
        if (!asked) {
            way = store.get(file()).map(this::parsed);
            asked = true;
        }
        return way;
    }

    /** Somebody else may have written one since. */
    void askAgain() {
        asked = false;
    }

    void remember(Way made) {
        String json = Json.MAPPER
                .createObjectNode()
                .put("from", made.from())
                .put("to", made.to())
                .put("made", made.made().toEpochMilli())
                .put("own", made.own())
                .toString();
        store.put(file(), json.getBytes(StandardCharsets.UTF_8));
        way = Optional.of(made);
        asked = true;
    }

    void forget() {
        store.delete(file());
        way = Optional.empty();
    }

    private Way parsed(byte[] note) {
        try {
            JsonNode json = Json.MAPPER.readTree(note);
            return new Way(
                    json.required("from").asLong(),
                    json.required("to").asLong(),
                    Instant.ofEpochMilli(json.required("made").asLong()),
                    json.required("own").asBoolean());
        } catch (IOException | IllegalArgumentException e) {
            throw new UnreadableNoteException(file(), ifUnreadable, e);
        }
    }

    private ObjectUri file() {
        return ReplicaNotes.of(table, name);
    }
}
