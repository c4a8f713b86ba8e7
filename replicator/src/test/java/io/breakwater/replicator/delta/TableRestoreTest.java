package io.breakwater.replicator.delta;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.platform.AssetId;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.Json;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.PromotionCommit;
import io.breakwater.region.VersionTimes;
import io.breakwater.replicator.copy.CopyLimits;
import io.breakwater.replicator.copy.FaultyStore;
import io.breakwater.replicator.copy.ObjectCopier;
import io.breakwater.replicator.delta.TableRestore.Outcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class TableRestoreTest {

    private static final ObjectUri TABLE = ObjectUri.parse("s3://lake/t");
    private static final Clock CLOCK = Clock.fixed(Instant.ofEpochMilli(5000), ZoneOffset.UTC);
    private static final String VECTOR =
            "{\"storageType\":\"i\",\"pathOrInlineDv\":\"wi5b=000010000siXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L\","
                    + "\"sizeInBytes\":40,\"cardinality\":2}";

    private final FaultyStore store = new FaultyStore();
    private final DeltaLogFiles log = new DeltaLogFiles(store, TABLE);

    @Test
    void bringsBackWhatWentAndTakesOutWhatCame() throws Exception {
        commit(0, protocol(), metadata("then", ""), add("a"), add("b"), txn(5));
        commit(1, metadata("now", "\"delta.enableChangeDataFeed\":\"true\""), remove("a"), add("c"), txn(9));

        assertThat(restore(0)).isEqualTo(new Outcome.Restored(2, 1, 1));

        List<JsonNode> actions = actions(2);
        assertThat(of(actions, "add"))
                .extracting(add -> add.path("path").asText())
                .containsExactly("a");
        assertThat(of(actions, "add").get(0).path("dataChange").asBoolean()).isTrue();
        assertThat(of(actions, "remove"))
                .extracting(remove -> remove.path("path").asText())
                .containsExactly("c");
        JsonNode metadata = of(actions, "metaData").get(0);
        assertThat(metadata.path("description").asText()).isEqualTo("then");
        assertThat(metadata.path("configuration")).isEmpty();
        assertThat(of(actions, "txn"))
                .as("no writer adds again what it had added")
                .isEmpty();
        assertThat(of(actions, "protocol")).isEmpty();
        assertThat(actions.get(0).path("commitInfo").path("operation").asText()).isEqualTo("RESTORE");
        assertThat(log.commit(0)).isPresent();
        assertThat(restore(0)).isEqualTo(new Outcome.Same(2));
        assertThat(restore(1)).isEqualTo(new Outcome.Restored(3, 1, 1));
    }

    @Test
    void aFileWithOtherDeletedRowsIsAnotherFile() throws Exception {
        commit(0, protocol("deletionVectors"), metadata("", ""), add("a", "\"stats\":\"{}\""));
        commit(1, remove("a"), add("a", "\"stats\":\"{}\",\"deletionVector\":" + VECTOR));

        assertThat(restore(0)).isEqualTo(new Outcome.Restored(2, 1, 1));

        assertThat(of(actions(2), "remove").get(0).path("deletionVector").isObject())
                .isTrue();
        assertThat(of(actions(2), "add").get(0).path("deletionVector").isMissingNode())
                .isTrue();
        assertThat(restore(1)).isEqualTo(new Outcome.Restored(3, 1, 1));
        assertThat(of(actions(3), "add").get(0).path("deletionVector")).isEqualTo(Json.MAPPER.readTree(VECTOR));
    }

    @Test
    void filesThatAreGoneAreNamed() throws Exception {
        commit(0, protocol(), metadata("", ""), add("a"), add("b"));
        commit(1, remove("a"), remove("b"));
        store.delete(TABLE.resolve("a"));
        store.put(TABLE.resolve("b"), new byte[7]);

        assertThat(restore(0))
                .isEqualTo(new Outcome.Refused(
                        "2 files of version 0 are gone, such as a, b (another one of 7 bytes is there)"));
        assertThat(log.newestVersion()).hasValue(1);
    }

    @Test
    void aVersionThatTheLogCannotTellIsRefused() throws Exception {
        commit(1, add("b"));
        commit(2, add("c"));

        assertThat(reason(restore(2))).contains("neither commit 0 nor a checkpoint");
        assertThat(reason(restore(0))).contains("version 0 is not in the log");
        assertThat(reason(restore(7))).contains("past the newest one, 2");
    }

    @Test
    void aReplicaThatIsFollowedIsDetachedFirst() throws Exception {
        ObjectUri source = ObjectUri.parse("s3://source/t");
        DeltaLogFiles sourceLog = new DeltaLogFiles(store, source);
        commit(sourceLog, 0, protocol(), metadata("", ""), add("a"));
        commit(sourceLog, 1, remove("a"));
        store.put(source.resolve("a"), new byte[3]);
        try (ObjectCopier copier = new ObjectCopier(store, store, CopyLimits.standard())) {
            TableMirror mirror = mirror(source, copier);
            assertThat(mirror.advance()).isInstanceOf(Progress.Moving.class);

            assertThat(reason(restore(0))).contains("carried up to version 1").contains("--detach");
            assertThat(log.newestVersion()).hasValue(1);
            assertThat(new TableRestore(store, TABLE, CLOCK).restore(0, true)).isEqualTo(new Outcome.Restored(2, 0, 1));

            assertThat(mirror(source, copier).advance())
                    .isInstanceOfSatisfying(
                            Progress.Stopped.class,
                            stopped -> assertThat(stopped.reason())
                                    .contains("detached")
                                    .contains("restored to version 0")
                                    .contains("detached.json"));
            commit(sourceLog, 2, add("z"));
            assertThat(mirror.advance()).as("also one that was running").isInstanceOf(Progress.Stopped.class);
            assertThat(restore(1)).as("it is a table of its own now").isEqualTo(new Outcome.Restored(3, 1, 0));
        }
    }

    @Test
    void aReplicaThatWasPromotedIsATableOfItsOwn() throws Exception {
        ObjectUri source = ObjectUri.parse("s3://source/t");
        DeltaLogFiles sourceLog = new DeltaLogFiles(store, source);
        commit(sourceLog, 0, protocol(), metadata("", ""), add("a"));
        commit(sourceLog, 1, remove("a"));
        store.put(source.resolve("a"), new byte[3]);
        try (ObjectCopier copier = new ObjectCopier(store, store, CopyLimits.standard())) {
            mirror(source, copier).advance();
        }
        new PromotionCommit(new Epoch(2), "op", "w", "c", new TreeMap<>()).write(store, log, 1, Instant.EPOCH);

        assertThat(restore(0)).isEqualTo(new Outcome.Restored(3, 0, 1));
    }

    @Test
    void featuresThatForbidItAreNamed() throws Exception {
        commit(0, protocol(), metadata("", ""), add("a"));
        commit(1, protocol("icebergCompatV2"), remove("a"));
        assertThat(reason(restore(0))).contains("[icebergCompatV2]");

        commit(2, protocol("rowTracking"));
        assertThat(reason(restore(0))).contains("row tracking").contains("a has no row ids");

        commit(3, protocol("deletionVectors"), add("d", "\"stats\":\"{}\",\"deletionVector\":" + VECTOR));
        commit(4, protocol(), remove("d"));
        assertThat(reason(restore(3))).contains("features [deletionVectors] were dropped");

        commit(5, metadata("", "\"delta.appendOnly\":\"true\""), add("e"));
        assertThat(reason(restore(4))).contains("appendOnly");
    }

    @Test
    void whatCountsUpwardsStays() throws Exception {
        String identity = "{\\\"fields\\\":[{\\\"name\\\":\\\"id\\\",\\\"metadata\\\":"
                + "{\\\"delta.identity.step\\\":1,\\\"delta.identity.highWaterMark\\\":%d}}]}";
        commit(
                0,
                protocol("rowTracking", "inCommitTimestamp", "columnMapping", "domainMetadata", "identityColumns"),
                metadata("then", "\"delta.columnMapping.maxColumnId\":\"2\"", String.format(identity, 10)),
                domain("delta.rowTracking", "10"),
                domain("delta.clustering", "old"),
                add("a", "\"baseRowId\":0,\"defaultRowCommitVersion\":0"));
        commit(
                1,
                metadata(
                        "",
                        "\"delta.columnMapping.maxColumnId\":\"5\",\"delta.enableInCommitTimestamps\":\"true\"",
                        String.format(identity, 99)),
                domain("delta.rowTracking", "20"),
                domain("delta.clustering", "new"),
                domain("own", "x"),
                remove("a"));
        store.put(
                log.commitFile(2), "{\"commitInfo\":{\"inCommitTimestamp\":9000}}\n".getBytes(StandardCharsets.UTF_8));

        assertThat(restore(0)).isEqualTo(new Outcome.Restored(3, 0, 1));

        List<JsonNode> actions = actions(3);
        assertThat(actions.get(0).path("commitInfo").path("inCommitTimestamp").asLong())
                .as("later than the one before, whatever the clock says")
                .isEqualTo(9001);
        JsonNode metadata = of(actions, "metaData").get(0);
        assertThat(metadata.path("configuration")
                        .path("delta.columnMapping.maxColumnId")
                        .asText())
                .isEqualTo("5");
        assertThat(metadata.path("configuration")
                        .path("delta.enableInCommitTimestamps")
                        .asText())
                .isEqualTo("true");
        assertThat(metadata.path("schemaString").asText()).contains("\"delta.identity.highWaterMark\":99");
        assertThat(of(actions, "domainMetadata"))
                .extracting(domain -> domain.path("domain").asText() + " "
                        + domain.path("configuration").asText() + " "
                        + domain.path("removed").asBoolean())
                .containsExactlyInAnyOrder("own x true", "delta.clustering old false");
        assertThat(of(actions, "add").get(0).path("baseRowId").asLong(-1)).isZero();
    }

    @Test
    void asANewTableItHasALogOfItsOwn() throws Exception {
        commit(0, protocol(), metadata("then", ""), add("a"), add("b"));
        commit(1, remove("a"));
        ObjectUri place = ObjectUri.parse("s3://lake/looked-at");
        try (ObjectCopier copier = new ObjectCopier(store, store, CopyLimits.standard())) {
            SnapshotCopy copy = new SnapshotCopy(store, TABLE, copier, CLOCK);

            assertThat(copy.copy(0, store, place)).isEqualTo(new Outcome.Restored(0, 0, 2));

            assertThat(store.get(place.resolve("a"))).isPresent();
            assertThat(log.newestVersion()).hasValue(1);
            JsonNode metadata =
                    of(actions(new DeltaLogFiles(store, place), 0), "metaData").get(0);
            assertThat(metadata.path("description").asText()).isEqualTo("then");
            assertThat(metadata.path("id").asText()).isNotEqualTo("id");
            assertThat(reason(copy.copy(0, store, place))).contains("already");
        }
    }

    @Test
    void timesAreTheMirrorsElseTheCommitsElseTheObjects() {
        commit(0, add("a"));
        store.put(
                log.commitFile(1), "{\"commitInfo\":{\"inCommitTimestamp\":9000}}\n".getBytes(StandardCharsets.UTF_8));
        new VersionTimes(store, TABLE).add(new TreeMap<>(Map.of(0L, Instant.ofEpochMilli(7))));
        commit(2, add("c"));

        TableTimes times = TableTimes.of(store, TABLE);

        assertThat(times.all().values())
                .extracting(version -> version.time().toEpochMilli() + " " + version.origin())
                .containsExactly("7 SOURCE", "9000 COMMIT", "9001 OBJECT");
        assertThat(times.asOf(Instant.ofEpochMilli(9000)).map(TableTimes.VersionTime::version))
                .hasValue(1L);
        assertThat(times.asOf(Instant.ofEpochMilli(6))).isEmpty();
    }

    private TableMirror mirror(ObjectUri source, ObjectCopier copier) {
        return new TableMirror(
                MirroredTable.of(
                        AssetId.parse("delta-table/t"),
                        Optional.empty(),
                        store,
                        source,
                        store,
                        TABLE,
                        copier,
                        MirrorPolicy.careful()),
                CLOCK);
    }

    private Outcome restore(long version) throws InterruptedException {
        return new TableRestore(store, TABLE, CLOCK).restore(version, false);
    }

    private static String reason(Outcome outcome) {
        return ((Outcome.Refused) outcome).reason();
    }

    private List<JsonNode> actions(long version) throws IOException {
        return actions(log, version);
    }

    private static List<JsonNode> actions(DeltaLogFiles log, long version) throws IOException {
        List<JsonNode> actions = new ArrayList<>();
        String commit = new String(log.commit(version).orElseThrow(), StandardCharsets.UTF_8);
        for (String line : commit.lines().toList()) {
            actions.add(Json.MAPPER.readTree(line));
        }
        return actions;
    }

    private static List<JsonNode> of(List<JsonNode> actions, String name) {
        return actions.stream()
                .filter(action -> action.has(name))
                .map(action -> action.path(name))
                .toList();
    }

    private void commit(long version, String... actions) {
        commit(log, version, actions);
    }

    private void commit(DeltaLogFiles into, long version, String... actions) {
        List<String> lines = new ArrayList<>(List.of("{\"commitInfo\":{\"timestamp\":" + version + "}}"));
        lines.addAll(List.of(actions));
        store.put(into.commitFile(version), String.join("\n", lines).getBytes(StandardCharsets.UTF_8));
    }

    private String add(String path) {
        return add(path, "\"dataChange\":false");
    }

    private String add(String path, String fields) {
        store.put(TABLE.resolve(path), new byte[3]);
        return "{\"add\":{\"path\":\"" + path + "\",\"size\":3," + fields + "}}";
    }

    private static String remove(String path) {
        return "{\"remove\":{\"path\":\"" + path + "\"}}";
    }

    private static String txn(long version) {
        return "{\"txn\":{\"appId\":\"w\",\"version\":" + version + "}}";
    }

    private static String domain(String name, String configuration) {
        return "{\"domainMetadata\":{\"domain\":\"" + name + "\",\"configuration\":\"" + configuration
                + "\",\"removed\":false}}";
    }

    private static String protocol(String... features) {
        if (features.length == 0) {
            return "{\"protocol\":{\"minReaderVersion\":1,\"minWriterVersion\":2}}";
        }
        String names = "[\"" + String.join("\",\"", Set.of(features)) + "\"]";
        String reader = List.of(features).contains("deletionVectors") ? "[\"deletionVectors\"]" : "[]";
        return "{\"protocol\":{\"minReaderVersion\":3,\"minWriterVersion\":7,\"readerFeatures\":" + reader
                + ",\"writerFeatures\":" + names + "}}";
    }

    private static String metadata(String description, String configuration) {
        return metadata(description, configuration, "{}");
    }

    private static String metadata(String description, String configuration, String schema) {
        return "{\"metaData\":{\"id\":\"id\",\"description\":\"" + description + "\",\"schemaString\":\"" + schema
                + "\",\"configuration\":{" + configuration + "}}}";
    }
}
