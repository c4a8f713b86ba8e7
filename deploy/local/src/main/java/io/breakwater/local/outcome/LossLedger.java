package io.breakwater.local.outcome;

import io.breakwater.local.flights.FlightEvent;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.ledger.LedgerFolder;
import io.breakwater.region.ledger.LedgerManifest;
import io.breakwater.region.ledger.LedgerReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Reads the newest loss ledger of a group. */
final class LossLedger {

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
     * @throws IllegalStateException if there is none
     * @throws io.breakwater.region.ledger.InvalidLedgerException if a file is not what the manifest says
     */
    List<Long> eventIds() throws IOException {
        List<Long> ids = new ArrayList<>();
        new LedgerReader(LedgerFolder.of(store, newestEpoch())).read(record -> {
            if (record.topic().equals(FlightEvent.TOPIC)) {
                ids.add(FlightEvent.fromJson(record.value().orElseThrow()).id());
            }
        });
        return ids;
    }

    private ObjectUri newestEpoch() {
        return store.list(folder.resolve("")).stream()
                .map(info -> info.uri().key())
                .filter(key -> key.endsWith("/" + LedgerManifest.NAME))
                .map(key -> key.substring(0, key.length() - LedgerManifest.NAME.length() - 1))
                .max(Comparator.comparingLong(LossLedger::epoch))
                .map(key -> new ObjectUri(folder.bucket(), key))
                .orElseThrow(() -> new IllegalStateException("no loss ledger below " + folder));
    }

    private static long epoch(String key) {
        return Long.parseLong(key.substring(key.lastIndexOf('/') + 1).replaceAll("\\D", ""));
    }
}
