package io.breakwater.local.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.local.flights.FlightEvent;
import io.breakwater.local.flights.FlightTable;
import io.breakwater.local.flights.LakeSettings;
import io.breakwater.local.process.Progress;
import io.breakwater.local.server.Principal;
import io.breakwater.platform.Json;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.Sha256;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.RegionClients;
import io.breakwater.region.fork.DivergedCommit;
import io.breakwater.region.fork.ObjectLedger;
import io.breakwater.region.fork.TableLedger;
import io.breakwater.verification.delta.TableReader;
import io.delta.kernel.data.FilteredColumnarBatch;
import io.delta.kernel.data.Row;
import io.delta.kernel.utils.CloseableIterator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A Delta table and its writer go east, west, east, west, by a region that is killed, the planned way home, and the
 * region that is killed again. The writer of the killed region goes on for a while: what it commits is in the ledger, and
 * so is the object that it puts below a prefix.
 * In the end the rows are those of each commit that succeeded, without those of the ledgers.
 */
class TableLegsIT {

    private static final Progress PROGRESS = Progress.to(System.out);
    private static final String TABLE =
            "{kind: delta-table, name: flights, path: \"s3://{lake}/flights\"," + " writer: flights-archiver}";
    private static final String PREFIX =
            "{kind: s3-prefix, name: landing, prefix: \"s3://{lake}/landing/\", every: PT1S}";
    private static final Duration SOON = Duration.ofMinutes(3);
    private static final int RECORDS = 20;

    @TempDir
    private Path directory;

    private final AtomicLong ids = new AtomicLong();
    private final SortedSet<Long> acknowledged = new TreeSet<>();

    @Test
    @Tag("full")
    void eachRowIsInTheTableInTheEndOrInALedger() throws Exception {
        try (TwoRegions regions = new TwoRegions(directory, "- " + TABLE + "\n- " + PREFIX)) {
            regions.start(PROGRESS);
            try (RegionClients clients = new RegionClients(regions.platform(), Duration.ofSeconds(10))) {
                legs(regions, clients);
            }
        }
    }

    private void legs(TwoRegions regions, RegionClients clients) throws Exception {
        Writer late = writer(regions, clients, "east", OffsetVector.EMPTY);
        SortedSet<Long> lost = new TreeSet<>();
        leg(regions, clients, "east", late);
        put(clients, "east", "both", "arrives");
        Moves.awaitFlow(regions);
        awaitSame(clients, "east", "west");
        await().atMost(SOON).until(() -> objects(clients, "west"), List.of("both")::equals);
        regions.kill("east");
        Moves.move(regions, "failover");

        Writer west = writer(regions, clients, "west", positions(regions, clients, "west"));
        leg(regions, clients, "west", west);
        // The old region's writer knows nothing of all that.
        lost.addAll(late.appendPastTheEnd(3));
        lost.addAll(late.appendPastTheEnd(2));
        put(clients, "east", "orphan", "stays alone");
        regions.restart("east", PROGRESS);
        assertThat(ledger(regions, clients, 2)).isEqualTo(lost.size());
        assertThat(objectLedger(regions, clients, 2)).containsExactly("landing/orphan");
        // It has seen versions that are gone; Standalone says so by an assertion of its own, an Error.
        assertThatThrownBy(() -> late.appendPastTheEnd(1)).isInstanceOfAny(IOException.class, AssertionError.class);
        Moves.awaitFlow(regions);
        awaitSame(clients, "west", "east");

        leg(regions, clients, "west", west);
        Moves.move(regions, "failback");
        Writer home = writer(regions, clients, "east", positions(regions, clients, "east"));
        leg(regions, clients, "east", home);
        assertThat(ledger(regions, clients, 3)).as("what a failback has lost").isZero();
        assertThat(objectLedger(regions, clients, 3)).isEmpty();
        Moves.awaitFlow(regions);
        awaitSame(clients, "east", "west");

        regions.kill("east");
        Moves.move(regions, "failover");
        leg(regions, clients, "west", writer(regions, clients, "west", positions(regions, clients, "west")));
        SortedSet<Long> lostNow = home.appendPastTheEnd(4);
        lost.addAll(lostNow);
        regions.restart("east", PROGRESS);
        assertThat(ledger(regions, clients, 4)).isEqualTo(lostNow.size());

        SortedSet<Long> expected = new TreeSet<>(acknowledged);
        expected.removeAll(lost);
        assertThat(rows(clients, "west", newest(clients, "west"))).isEqualTo(expected);
        PROGRESS.line(acknowledged.size() + " rows acknowledged, " + lost.size() + " in ledgers, " + expected.size()
                + " in the table");
    }

    /** Records into the region's topic, and as many rows into its table. */
    private void leg(TwoRegions regions, RegionClients clients, String region, Writer writer) throws Exception {
        SortedMap<PartitionKey, Long> ends = new TreeMap<>();
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                new HashMap<>(regions.kafka(region).client(Principal.APP)),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            for (int i = 0; i < RECORDS; i++) {
                int partition = i % TwoRegions.PARTITIONS;
                ProducerRecord<byte[], byte[]> record =
                        new ProducerRecord<>(MirrorPair.EVENTS, partition, null, new byte[] {(byte) i});
                // A region that has just been promoted may refuse the first ones.
                long offset = await().atMost(SOON)
                        .ignoreExceptions()
                        .until(() -> producer.send(record).get().offset(), sent -> sent >= 0);
                ends.put(new PartitionKey(MirrorPair.EVENTS, partition), offset + 1);
            }
        }
        writer.append(5);
        writer.append(5, new OffsetVector(ends));
        PROGRESS.line("leg in " + region + ": version " + newest(clients, region) + " at " + ends);
    }

    /** Delta Standalone on a region's table. */
    private final class Writer {
        private final FlightTable table;
        private OffsetVector at;

        Writer(FlightTable table, OffsetVector at) {
            this.table = table;
            this.at = at;
        }

        SortedSet<Long> append(int count) throws IOException {
            return append(count, at.ends().isEmpty() ? begin() : at);
        }

        private OffsetVector begin() {
            return new OffsetVector(new TreeMap<>(
                    Map.of(new PartitionKey(MirrorPair.EVENTS, 0), 0L, new PartitionKey(MirrorPair.EVENTS, 1), 0L)));
        }

        /** As if it had read records that only its own region has. */
        SortedSet<Long> appendPastTheEnd(int count) throws IOException {
            SortedMap<PartitionKey, Long> further = new TreeMap<>(at.ends());
            further.replaceAll((partition, offset) -> offset + 1);
            return append(count, new OffsetVector(further));
        }

        SortedSet<Long> append(int count, OffsetVector to) throws IOException {
            List<FlightEvent> events = LongStream.range(0, count)
                    .mapToObj(i -> new FlightEvent(ids.incrementAndGet(), 1, "ATL", "JFK", "2001-01-01T00:47", 1, 2, 3))
                    .toList();
            table.append(events, at, to);
            at = to;
            SortedSet<Long> appended = new TreeSet<>();
            events.forEach(event -> appended.add(event.id()));
            acknowledged.addAll(appended);
            return appended;
        }
    }

    private Writer writer(TwoRegions regions, RegionClients clients, String region, OffsetVector at) throws Exception {
        return new Writer(table(regions, clients, region), at);
    }

    private static FlightTable table(TwoRegions regions, RegionClients clients, String region) throws Exception {
        return new FlightTable(
                clients.objectStore(region),
                regions.platform().region(region).objectStore(),
                LakeSettings.s3a(uri(region).toString()),
                "flights-archiver",
                clients.admin(region).describeCluster().clusterId().get());
    }

    /** Where a writer goes on in a region that was promoted. */
    private static OffsetVector positions(TwoRegions regions, RegionClients clients, String region) throws Exception {
        List<PartitionKey> partitions =
                List.of(new PartitionKey(MirrorPair.EVENTS, 0), new PartitionKey(MirrorPair.EVENTS, 1));
        OffsetVector positions = table(regions, clients, region).positions(partitions);
        assertThat(positions.ends()).as("positions of " + region).containsOnlyKeys(partitions);
        PROGRESS.line("positions of the writer in " + region + ": " + positions);
        return positions;
    }

    /** How many rows the ledger of an epoch lists; the files that hold them are where it says. */
    private static long ledger(TwoRegions regions, RegionClients clients, long epoch) throws Exception {
        JsonNode operation = Moves.ledger(regions, epoch);
        String active = operation.path("to").asText();
        ObjectUri at = ObjectUri.parse(
                "s3://breakwater-" + active + "/ledger/" + MirrorPair.GROUP + "/" + epoch + "/" + TableLedger.NAME);
        TableLedger ledger =
                TableLedger.parse(clients.objectStore(active).get(at).orElseThrow());
        TableLedger.Table table = ledger.tables().get(0);
        for (DivergedCommit commit : table.commits()) {
            assertThat(commit.operation()).contains("STREAMING UPDATE");
            for (DivergedCommit.File file : commit.added()) {
                ObjectUri data = table.location().resolve(URLDecoder.decode(file.path(), StandardCharsets.UTF_8));
                assertThat(clients.objectStore(ledger.region()).head(data))
                        .as(data.toString())
                        .isPresent();
            }
        }
        PROGRESS.line("ledger of epoch " + epoch + ": " + table.commits().size() + " commits after version "
                + table.ancestor() + ", " + table.rows() + " rows, kept at " + table.kept());
        return table.rows().orElseThrow();
    }

    private static void put(RegionClients clients, String region, String name, String text) {
        clients.objectStore(region).put(landing(region).resolve(name), text.getBytes(StandardCharsets.UTF_8));
    }

    private static ObjectUri landing(String region) {
        return ObjectUri.parse("s3://legs-" + region + "/landing/");
    }

    /** Names below the prefix. */
    private static List<String> objects(RegionClients clients, String region) {
        return clients.objectStore(region).list(landing(region)).stream()
                .map(info -> info.uri().key().substring(landing(region).key().length()))
                .toList();
    }

    /** The keys that the ledger of an epoch lists. */
    private static List<String> objectLedger(TwoRegions regions, RegionClients clients, long epoch) throws Exception {
        String active = Moves.ledger(regions, epoch).path("to").asText();
        ObjectUri folder =
                ObjectUri.parse("s3://breakwater-" + active + "/ledger/" + MirrorPair.GROUP + "/" + epoch + "/");
        byte[] json = clients.objectStore(active)
                .get(folder.resolve(ObjectLedger.NAME))
                .orElseThrow();
        ObjectLedger.Prefix prefix = ObjectLedger.parse(json).prefixes().get(0);
        byte[] file =
                clients.objectStore(active).get(folder.resolve(prefix.file())).orElseThrow();
        assertThat(Sha256.of(file)).isEqualTo(prefix.sha256());
        List<String> keys = new ArrayList<>();
        for (String line : new String(file, StandardCharsets.UTF_8).lines().toList()) {
            keys.add(ObjectUri.parse(Json.MAPPER.readTree(line).path("object").asText())
                    .key());
        }
        assertThat(keys).hasSize((int) prefix.objects());
        return keys;
    }

    private static void awaitSame(RegionClients clients, String from, String to) {
        await().atMost(SOON)
                .conditionEvaluationListener(condition -> PROGRESS.line("table of " + to + " is awaited"))
                .pollInterval(Duration.ofMillis(500))
                .ignoreExceptions()
                .until(() -> newest(clients, from) == newest(clients, to)
                        && rows(clients, from, newest(clients, from)).equals(rows(clients, to, newest(clients, to))));
        PROGRESS.line("table of " + to + " is at version " + newest(clients, to));
    }

    private static long newest(RegionClients clients, String region) {
        return new DeltaLogFiles(clients.objectStore(region), uri(region))
                .newestVersion()
                .orElseThrow();
    }

    private static SortedSet<Long> rows(RegionClients clients, String region, long version) throws Exception {
        List<Long> all = new ArrayList<>();
        new TableReader(clients.objectStore(region), uri(region)).read(version, batch -> all.addAll(ids(batch)));
        SortedSet<Long> rows = new TreeSet<>(all);
        assertThat(rows).as("no row twice").hasSameSizeAs(all);
        return rows;
    }

    private static List<Long> ids(FilteredColumnarBatch batch) {
        List<Long> ids = new ArrayList<>();
        try (CloseableIterator<Row> rows = batch.getRows()) {
            while (rows.hasNext()) {
                Row row = rows.next();
                ids.add(row.getLong(row.getSchema().indexOf("id")));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return ids;
    }

    private static ObjectUri uri(String region) {
        return ObjectUri.parse("s3://legs-" + region + "/flights");
    }
}
