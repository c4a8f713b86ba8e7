package io.breakwater.local.flights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.breakwater.local.process.Progress;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.local.server.S3Server;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.Region.ObjectStoreSite;
import io.breakwater.platform.S3Dialect;
import io.breakwater.region.BucketPolicies;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.KernelFiles;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.PromotionCommit;
import io.breakwater.region.S3ObjectStore;
import io.breakwater.region.fork.CommonAncestor;
import io.breakwater.region.fork.DivergedLog;
import io.breakwater.region.fork.FenceCommit;
import io.breakwater.region.fork.KeptLog;
import io.breakwater.region.fork.PolicyFence;
import io.breakwater.verification.delta.TableReader;
import io.delta.kernel.Operation;
import io.delta.kernel.Table;
import io.delta.kernel.defaults.engine.DefaultEngine;
import io.delta.kernel.engine.Engine;
import io.delta.standalone.DeltaLog;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** A fence on a real S3 server, before real writers, and the way back of the log, before real readers. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FencedTableIT {

    private static final PartitionKey INPUT = new PartitionKey("flights.events", 0);
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Epoch EPOCH = new Epoch(2);

    private S3Server server;
    private ObjectStore store;

    @BeforeAll
    void server(@TempDir Path directory) throws InterruptedException {
        server = S3Server.in(ProjectLayout.find(), "s3", directory, Map.of("lake", "lake"));
        server.start(Progress.to(System.out));
        store = S3ObjectStore.connect(server.site(), TIMEOUT);
    }

    @AfterAll
    void end() {
        store.close();
        server.close();
    }

    @Test
    void writersOfTwoEnginesRefuseAFencedTableAndReadersGoOn() throws Exception {
        FlightTable late = table("fenced");
        append(late, 0, 3);
        DeltaLogFiles log = log("fenced");

        assertThat(new FenceCommit(EPOCH, "op").fence(store, log, Instant.now()))
                .isEqualTo(new FenceCommit.Outcome.Done(3, true));

        assertThatThrownBy(() -> append(late, 3, 4))
                .as("Standalone, opened before")
                .hasMessageContaining("protocol");
        assertThatThrownBy(() -> append(table("fenced"), 3, 4))
                .as("Standalone, opened now")
                .hasMessageContaining("protocol");
        assertThatThrownBy(() -> kernelAppends("fenced")).as("Kernel").hasMessageContaining("breakwater-fence");
        assertThat(log.newestVersion()).hasValue(3);
        assertReadable("fenced", 15);

        assertThat(new FenceCommit(new Epoch(3), "op").lift(store, log, Instant.now()))
                .isEqualTo(new FenceCommit.Outcome.Done(4, true));
        append(table("fenced"), 3, 4);
        assertReadable("fenced", 20);
    }

    @Test
    void theLogIsReadableByTwoEnginesAfterEachRequestOfItsWayBack() throws Exception {
        append(table("rewound"), 0, 13);
        DeltaLogFiles log = log("rewound");
        long ancestor = 8;
        DeltaLogFiles promoted = log("elsewhere");
        for (long version = 0; version <= ancestor; version++) {
            store.put(promoted.commitFile(version), log.commit(version).orElseThrow());
        }
        assertThat(new PromotionCommit(EPOCH, "op", "", "", new TreeMap<>())
                        .write(store, promoted, ancestor, Instant.now()))
                .isEqualTo(new PromotionCommit.Outcome.Promoted(ancestor + 1));
        new FenceCommit(EPOCH, "op").fence(store, log, Instant.now());
        assertThat(log.lastCheckpointVersion()).as("beyond the ancestor").hasValue(10);
        CommonAncestor found = CommonAncestor.find(log, promoted, ancestor + 1);
        List<Long> rows = new ArrayList<>();
        ObjectStore watched = new WatchedStore(store, (what, uri) -> {
            if (uri.key().startsWith(uri("rewound").key() + "/")) {
                rows.add(read("rewound"));
            }
        });

        KeptLog kept = new DivergedLog(
                        watched, new DeltaLogFiles(watched, uri("rewound")), EPOCH, (CommonAncestor.At) found)
                .rewind(Instant.now());

        assertThat(kept.commits()).hasSize(4);
        assertThat(rows)
                .isSortedAccordingTo((a, b) -> Long.compare(b, a))
                .startsWith(65L)
                .endsWith(45L);
        assertThat(log.newestVersion()).hasValue(ancestor + 1);
        assertReadable("rewound", 45);
        assertThat(new TableReader(store, uri("rewound")).content(ancestor).rows())
                .isEqualTo(45);
    }

    /** The fence in the log is all there is on such a store. */
    @Test
    void aStoreWithoutPoliciesSaysSo() {
        ObjectStoreSite site = server.site();
        ObjectStoreSite withPrincipals = new ObjectStoreSite(
                site.region(),
                site.endpoint(),
                site.accessKey(),
                site.secretKey(),
                site.buckets(),
                Optional.of(new S3Dialect(
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(List.of("arn:aws:iam::1:role/breakwater")))));
        try (ObjectStore other = S3ObjectStore.connect(withPrincipals, TIMEOUT)) {
            BucketPolicies policies = other.policies().orElseThrow();

            assertThat(new PolicyFence(policies, "flights")
                            .raise(List.of(uri("any")), List.of("arn:aws:iam::1:role/breakwater"), EPOCH))
                    .containsExactly("lake");
        }
        assertThat(store.policies()).isEmpty();
    }

    private long read(String name) {
        try {
            return assertReadable(name, -1);
        } catch (TableReader.UnreadableTableException e) {
            throw new AssertionError(e);
        }
    }

    /** @param rows -1 for any number that both engines agree upon */
    private long assertReadable(String name, long rows) throws TableReader.UnreadableTableException {
        var newest = new TableReader(store, uri(name)).newest();
        Configuration conf = LakeSettings.of(server.site());
        conf.set(ConditionalPutLogStore.CLASS_KEY, ConditionalPutLogStore.class.getName());
        var standalone = DeltaLog.forTable(conf, "s3a://lake/" + name).snapshot();
        assertThat(standalone.getVersion()).isEqualTo(newest.version());
        assertThat(standalone.getAllFiles()).hasSameSizeAs(newest.files().keySet());
        if (rows >= 0) {
            assertThat(newest.rows()).isEqualTo(rows);
        }
        return newest.rows();
    }

    private void kernelAppends(String name) {
        Engine engine = DefaultEngine.create(new KernelFiles(store));
        Table.forPath(engine, uri(name).toString())
                .createTransactionBuilder(engine, "late", Operation.WRITE)
                .build(engine);
    }

    private FlightTable table(String name) {
        return new FlightTable(store, server.site(), "s3a://lake/" + name, "flights-archiver", "cluster");
    }

    private static void append(FlightTable table, int from, int to) throws IOException {
        for (int version = from; version < to; version++) {
            OffsetVector before = version == 0 ? OffsetVector.EMPTY : at(version * 10L);
            long first = version * 5L;
            table.append(
                    IntStream.range(0, 5)
                            .mapToObj(i -> new FlightEvent(first + i, 1, "ATL", "JFK", "2001-01-01T00:47", 1, 2, 3))
                            .toList(),
                    before,
                    at((version + 1) * 10L));
        }
    }

    private static OffsetVector at(long offset) {
        return new OffsetVector(new TreeMap<>(Map.of(INPUT, offset)));
    }

    private DeltaLogFiles log(String name) {
        return new DeltaLogFiles(store, uri(name));
    }

    private static ObjectUri uri(String name) {
        return ObjectUri.parse("s3://lake/" + name);
    }
}
