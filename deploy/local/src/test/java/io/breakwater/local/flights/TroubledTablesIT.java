package io.breakwater.local.flights;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.local.copy.FaultProxy;
import io.breakwater.local.copy.FaultProxy.Fault;
import io.breakwater.platform.AssetId;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.Region.ObjectStoreSite;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.S3ObjectStore;
import io.breakwater.replicator.copy.CopyLimits;
import io.breakwater.replicator.copy.ObjectCopier;
import io.breakwater.replicator.delta.MirrorPolicy;
import io.breakwater.replicator.delta.MirroredTable;
import io.breakwater.replicator.delta.Progress;
import io.breakwater.replicator.delta.TableMirror;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A table's mirror while requests to real servers go wrong: it says what is wrong, publishes nothing that is not right,
 * and goes on by itself when they work again.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TroubledTablesIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(2);
    private static final PartitionKey INPUT = new PartitionKey("flights.events", 0);
    private static final int VERSIONS = 3;
    private static final int ALWAYS = 10_000;
    private static final int MOST_STEPS = 10;

    private LakePair lakes;
    private FaultProxy beforeEast;
    private FaultProxy beforeWest;
    private ObjectStore source;
    private ObjectStore target;
    private ObjectCopier copier;

    @BeforeAll
    void servers(@TempDir Path directory) throws Exception {
        lakes = new LakePair(directory);
        beforeEast = new FaultProxy(lakes.east.endpoint());
        beforeWest = new FaultProxy(lakes.west.endpoint());
        source = S3ObjectStore.connect(through(beforeEast, lakes.east.site()), TIMEOUT);
        target = S3ObjectStore.connect(through(beforeWest, lakes.west.site()), TIMEOUT);
        copier = new ObjectCopier(source, target, new CopyLimits(2, 1 << 20, 2, Duration.ofMillis(10), directory));
    }

    @BeforeEach
    void heal() {
        beforeEast.heal();
        beforeWest.heal();
    }

    @AfterAll
    void end() {
        copier.close();
        source.close();
        target.close();
        beforeEast.close();
        beforeWest.close();
        lakes.close();
    }

    /** A small form of the others. */
    @ParameterizedTest
    @CsvSource({"GET, .parquet, DAMAGED_ANSWER", "GET, 00000000000000000001.json, CUT", "GET, list-type=2, SERVER_ERROR"
    })
    void ofTheSourceInShort(String method, String part, Fault fault) throws Exception {
        staysRightAndGoesOn("short", beforeEast, method, part, fault);
    }

    @Tag("full")
    @ParameterizedTest
    @CsvSource({
        "read-data, GET, .parquet, FORBIDDEN",
        "read-data, GET, .parquet, NOT_FOUND",
        "read-data, GET, .parquet, PRECONDITION_FAILED",
        "read-data, GET, .parquet, SERVER_ERROR",
        "read-data, GET, .parquet, SLOW",
        "read-data, GET, .parquet, CUT",
        "read-data, GET, .parquet, DAMAGED_ANSWER",
        "read-commit, GET, 00000000000000000001.json, FORBIDDEN",
        "read-commit, GET, 00000000000000000001.json, NOT_FOUND",
        "read-commit, GET, 00000000000000000001.json, PRECONDITION_FAILED",
        "read-commit, GET, 00000000000000000001.json, SERVER_ERROR",
        "read-commit, GET, 00000000000000000001.json, SLOW",
        "read-commit, GET, 00000000000000000001.json, CUT",
        "read-commit, GET, 00000000000000000001.json, DAMAGED_ANSWER",
        "list, GET, list-type=2, FORBIDDEN",
        "list, GET, list-type=2, NOT_FOUND",
        "list, GET, list-type=2, SERVER_ERROR",
        "list, GET, list-type=2, SLOW",
        "list, GET, list-type=2, CUT"
    })
    void ofTheSource(String what, String method, String part, Fault fault) throws Exception {
        staysRightAndGoesOn(what, beforeEast, method, part, fault);
    }

    @Tag("full")
    @ParameterizedTest
    @CsvSource({
        "write-data, PUT, .parquet, FORBIDDEN",
        "write-data, PUT, .parquet, NOT_FOUND",
        "write-data, PUT, .parquet, SERVER_ERROR",
        "write-data, PUT, .parquet, SLOW",
        "write-data, PUT, .parquet, CUT",
        "write-data, PUT, .parquet, DAMAGED_BODY",
        "write-data, PUT, .parquet, ANSWER_LOST",
        "write-commit, PUT, 00000000000000000001.json, FORBIDDEN",
        "write-commit, PUT, 00000000000000000001.json, NOT_FOUND",
        "write-commit, PUT, 00000000000000000001.json, PRECONDITION_FAILED",
        "write-commit, PUT, 00000000000000000001.json, SERVER_ERROR",
        "write-commit, PUT, 00000000000000000001.json, SLOW",
        "write-commit, PUT, 00000000000000000001.json, DAMAGED_BODY",
        "write-commit, PUT, 00000000000000000001.json, ANSWER_LOST",
        "write-times, PUT, _breakwater, FORBIDDEN",
        "list-replica, GET, list-type=2, FORBIDDEN",
        "list-replica, GET, list-type=2, SERVER_ERROR"
    })
    void ofTheTarget(String what, String method, String part, Fault fault) throws Exception {
        staysRightAndGoesOn(what, beforeWest, method, part, fault);
    }

    private void staysRightAndGoesOn(String what, FaultProxy proxy, String method, String part, Fault fault)
            throws Exception {
        String name = what + "-" + fault;
        SourceVersions versions = new SourceVersions(lakes.source, LakePair.original(name));
        append(name);
        versions.note();
        TableMirror mirror = mirror(name);
        proxy.fails(method, part, fault, ALWAYS);

        List<Progress> met = new ArrayList<>();
        for (int step = 0; step < 2; step++) {
            met.add(mirror.advance());
            if (lakes.targetLog(name).newestVersion().isPresent()) {
                versions.assertIsOne(lakes.targetReader(name).newest(), name);
            }
        }

        assertThat(proxy.count(method, part)).as("requests that went wrong").isPositive();
        assertThat(met).as(name).noneMatch(Progress.UpToDate.class::isInstance);
        assertThat(reasons(met))
                .as("%s: %s", name, met)
                .isNotEmpty()
                .allSatisfy(reason -> assertThat(reason).contains("lake-"));
        proxy.heal();
        for (int step = 0; !(mirror.advance() instanceof Progress.UpToDate); step++) {
            assertThat(step).as("%s: it comes to an end", name).isLessThan(MOST_STEPS);
        }
        versions.assertAllOn(lakes.target, LakePair.replica(name));
    }

    private static List<String> reasons(List<Progress> met) {
        List<String> reasons = new ArrayList<>();
        for (Progress progress : met) {
            if (progress instanceof Progress.Waiting waiting) {
                reasons.add(waiting.reason());
            } else if (progress instanceof Progress.Stopped stopped) {
                reasons.add(stopped.reason());
            }
        }
        return reasons;
    }

    private TableMirror mirror(String name) {
        return new TableMirror(
                MirroredTable.of(
                        new AssetId("delta-table", name),
                        Optional.empty(),
                        source,
                        LakePair.original(name),
                        target,
                        LakePair.replica(name),
                        copier,
                        MirrorPolicy.careful()),
                Clock.systemUTC());
    }

    private void append(String name) throws Exception {
        FlightTable table = new FlightTable(
                lakes.source,
                lakes.east.site(),
                LakeSettings.s3a(LakePair.original(name).toString()),
                "flights-archiver",
                "eastCluster");
        for (int version = 0; version < VERSIONS; version++) {
            FlightEvent event = new FlightEvent(version, version, "ATL", "BOS", "2001-01-01T00:47", 1, 946, version);
            table.append(List.of(event), version == 0 ? OffsetVector.EMPTY : at(version), at(version + 1));
        }
    }

    private static OffsetVector at(long offset) {
        return new OffsetVector(new TreeMap<>(Map.of(INPUT, offset)));
    }

    private static ObjectStoreSite through(FaultProxy proxy, ObjectStoreSite site) {
        URI endpoint = proxy.endpoint();
        return new ObjectStoreSite(
                site.region(), Optional.of(endpoint), site.accessKey(), site.secretKey(), site.buckets());
    }
}
