package io.breakwater.replicator.delta;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.platform.Json;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStore.PutOutcome;
import io.breakwater.region.ObjectUri;
import io.breakwater.replicator.copy.CopyJob;
import io.breakwater.replicator.copy.CopyOutcome;
import io.breakwater.replicator.copy.ObjectCopier;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Makes one version of a table a table of its own elsewhere: its files, compared on arrival, then a log of one commit.
 * It has another id, and no transactions: nobody writes on where the other one's writers are.
 */
public final class SnapshotCopy {

    private static final List<String> OF_THE_OTHER_LOG = List.of(
            "delta.inCommitTimestampEnablementVersion",
            "delta.inCommitTimestampEnablementTimestamp",
            "delta.requireCheckpointProtectionBeforeVersion");

    private final ObjectStore store;
    private final DeltaLogFiles log;
    private final ObjectCopier copier;
    private final Clock clock;

    /** @param copier from the table's store to that of the new place */
    public SnapshotCopy(ObjectStore store, ObjectUri table, ObjectCopier copier, Clock clock) {
        this.store = store;
        this.log = new DeltaLogFiles(store, table);
        this.copier = copier;
        this.clock = clock;
    }

    /**
     * @param target root of the new table
     * @throws io.breakwater.region.ObjectStoreException if a store fails
     */
    public TableRestore.Outcome copy(long version, ObjectStore targetStore, ObjectUri target)
            throws InterruptedException {
        DeltaLogFiles made = new DeltaLogFiles(targetStore, target);
        if (!made.listFrom(0).isEmpty()) {
            return new TableRestore.Outcome.Refused("there is a Delta table at " + target + " already");
        }
        try {
            TableState state = TableRestore.state(store, log, version);
            List<CopyJob> jobs = new ArrayList<>();
            SnapshotFiles.of(state)
                    .paths()
                    .forEach((path, size) ->
                            jobs.add(new CopyJob(log.table().resolve(path), target.resolve(path), size)));
            List<CopyOutcome> outcomes = copier.copy(jobs);
            for (int i = 0; i < jobs.size(); i++) {
                if (!(outcomes.get(i) instanceof CopyOutcome.Arrived)) {
                    return new TableRestore.Outcome.Refused(jobs.get(i).from() + ": " + outcomes.get(i));
                }
            }
            byte[] commit = commit(state, version).getBytes(StandardCharsets.UTF_8);
            return targetStore.putIfAbsent(made.commitFile(0), commit) == PutOutcome.CREATED
                    ? new TableRestore.Outcome.Restored(0, 0, state.files().size())
                    : new TableRestore.Outcome.Refused("somebody else made a table at " + target + " meanwhile");
        } catch (MirrorHaltException e) {
            return new TableRestore.Outcome.Refused(String.valueOf(e.getMessage()));
        }
    }

    private String commit(TableState state, long version) throws MirrorHaltException {
        ObjectNode metadata = state.single("metaData")
                .orElseThrow(() -> MirrorHaltException.stopped("version " + version + " has no metadata"))
                .deepCopy();
        metadata.put("id", UUID.randomUUID().toString());
        ObjectNode properties = metadata.withObjectProperty("configuration");
        properties.remove(OF_THE_OTHER_LOG);
        long millis = clock.instant().toEpochMilli();
        ObjectNode info = Json.MAPPER.createObjectNode();
        info.put("timestamp", millis);
        if (properties.path("delta.enableInCommitTimestamps").asText().equals("true")) {
            info.put("inCommitTimestamp", millis);
        }
        info.put("operation", "CLONE");
        info.putObject("operationParameters")
                .put("source", log.table().toString())
                .put("sourceVersion", version)
                .put("isShallow", false);
        info.put("isBlindAppend", false).put("engineInfo", "Breakwater");
        List<String> lines = new ArrayList<>();
        lines.add(TableState.line("commitInfo", info));
        state.single("protocol").ifPresent(protocol -> lines.add(TableState.line("protocol", protocol)));
        lines.add(TableState.line("metaData", metadata));
        state.domains().values().forEach(domain -> lines.add(TableState.line("domainMetadata", domain)));
        state.files()
                .forEach(
                        file -> lines.add(TableState.line("add", file.deepCopy().put("dataChange", true))));
        return String.join("\n", lines) + "\n";
    }
}
