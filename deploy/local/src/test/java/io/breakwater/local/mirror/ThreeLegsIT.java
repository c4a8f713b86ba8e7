package io.breakwater.local.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.local.process.Progress;
import io.breakwater.local.server.Principal;
import io.breakwater.platform.PartitionKey;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.RegionClients;
import io.breakwater.region.ledger.LedgerFolder;
import io.breakwater.region.ledger.LedgerReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Live traffic goes east, west, east, west: a region that is killed, the planned way home, the region that is killed
 * again. Each acknowledged record must be exactly once on the region that is active in the end, or in a loss ledger,
 * and no record may have come back to where it was written.
 */
@Tag("full")
class ThreeLegsIT {

    private static final Progress PROGRESS = Progress.to(System.out);
    private static final List<String> TOPICS = List.of(MirrorPair.EVENTS, MirrorPair.DELAYS);
    private static final Duration SOON = Duration.ofMinutes(3);
    private static final int RECORDS = 800;
    private static final int GROUPS = 8;

    @TempDir
    private Path directory;

    @Test
    void eachRecordIsExactlyOnceWhereItEndsOrInALedger() throws Exception {
        try (TwoRegions regions = new TwoRegions(directory)) {
            regions.start(PROGRESS);
            Set<String> acked = new HashSet<>();
            Map<String, String> lost = new HashMap<>();

            acked.addAll(traffic(regions, "east", "west", "first", () -> regions.kill("east")));
            Moves.move(regions, "failover");
            regions.restart("east", PROGRESS);
            lost.putAll(ledger(regions, 2));
            Moves.awaitFlow(regions);

            acked.addAll(traffic(regions, "west", "east", "second", () -> {
                setSomePositions(regions, "west");
                Moves.move(regions, "failback");
            }));
            assertSamePlaces(regions);
            assertTranslated(regions);
            assertThat(ledger(regions, 3)).as("what a failback has lost").isEmpty();
            Moves.awaitFlow(regions);

            acked.addAll(traffic(regions, "east", "west", "third", () -> regions.kill("east")));
            Moves.move(regions, "failover");
            regions.restart("east", PROGRESS);
            lost.putAll(ledger(regions, 4));

            assertAccounted(acked, onlyOnce(regions, "west"), lost, onlyOnce(regions, "east"));
        }
    }

    private interface End {
        void run() throws Exception;
    }

    /** Traffic on a region until it has been mirrored for a while and is ended; the acknowledged values. */
    private static Set<String> traffic(TwoRegions regions, String from, String to, String name, End end)
            throws Exception {
        MirrorTraffic traffic = new MirrorTraffic(regions.kafka(from), name);
        try (traffic) {
            awaitMirrored(regions, to, name);
            end.run();
            await().atMost(SOON).until(traffic::hasEnded);
        }
        PROGRESS.line(name + " leg: " + traffic.acked().size() + " records acknowledged by " + from);
        return traffic.acked();
    }

    private static void awaitMirrored(TwoRegions regions, String to, String prefix) {
        await().atMost(SOON)
                .ignoreExceptions()
                .until(() -> onlyOnce(regions, to).keySet().stream()
                                .filter(value -> value.startsWith(prefix))
                                .count()
                        >= RECORDS);
        PROGRESS.line("records of the " + prefix + " leg are mirrored to " + to);
    }

    /** The values in the loss ledger of an epoch, once it is made, and where they are. */
    private static Map<String, String> ledger(TwoRegions regions, long epoch) throws Exception {
        JsonNode operation = Moves.ledger(regions, epoch);
        String active = operation.path("to").asText();
        ObjectUri folder = ObjectUri.parse("s3://breakwater-" + active + "/ledger/" + MirrorPair.GROUP + "/" + epoch);
        Map<String, String> values = new HashMap<>();
        try (RegionClients clients = new RegionClients(regions.platform(), Duration.ofSeconds(10))) {
            LedgerReader reader = new LedgerReader(LedgerFolder.of(clients.objectStore(active), folder));
            assertThat(reader.verify().failures()).isEmpty();
            reader.read(record -> {
                String value = new String(record.value().orElseThrow(), StandardCharsets.UTF_8);
                String place =
                        record.topic() + "-" + record.partition() + " offset " + record.offset() + ", epoch " + epoch;
                assertThat(values.put(value, place))
                        .as("in the ledger before: " + value)
                        .isNull();
            });
        }
        PROGRESS.line("ledger of epoch " + epoch + ": " + values.size() + " records");
        return values;
    }

    /** Groups that were never members of anything, anywhere in what both regions have, and at the end. */
    private static void setSomePositions(TwoRegions regions, String region) throws Exception {
        Random random = new Random(5);
        LinearScan scan = scan(regions, region);
        try (Admin admin = Admin.create(regions.kafka(region).client(Principal.ADMIN))) {
            for (int group = 0; group < GROUPS; group++) {
                Map<TopicPartition, OffsetAndMetadata> positions = new HashMap<>();
                for (PartitionKey partition : scan.records().keySet()) {
                    List<ConsumerRecord<byte[], byte[]>> records = scan.of(partition);
                    long end = records.get(records.size() - 1).offset() + 1;
                    positions.put(
                            new TopicPartition(partition.topic(), partition.partition()),
                            new OffsetAndMetadata(group == 0 ? 0 : random.nextLong(end)));
                }
                admin.alterConsumerGroupOffsets("flights-set-" + group, positions)
                        .all()
                        .get();
            }
        }
    }

    /** After the failback: from each group's position on, the first record is the same in both regions. */
    private static void assertSamePlaces(TwoRegions regions) throws Exception {
        LinearScan west = scan(regions, "west");
        LinearScan east = scan(regions, "east");
        int checked = 0;
        for (int group = 0; group < GROUPS; group++) {
            Map<PartitionKey, Long> there = positions(regions, "west", "flights-set-" + group);
            Map<PartitionKey, Long> here = positions(regions, "east", "flights-set-" + group);
            assertThat(here).as("group " + group).containsOnlyKeys(there.keySet());
            for (PartitionKey partition : there.keySet()) {
                assertThat(first(east, partition, here))
                        .as("group " + group + " on " + partition + " at " + there.get(partition) + " in west, "
                                + here.get(partition) + " in east")
                        .isEqualTo(first(west, partition, there));
                checked++;
            }
        }
        assertThat(checked).isEqualTo(GROUPS * TOPICS.size() * TwoRegions.PARTITIONS);
        PROGRESS.line(checked + " positions are exact after the failback");
    }

    /** After the failback, while the region that was left lives: both that translate for people say the same places. */
    private void assertTranslated(TwoRegions regions) throws Exception {
        PositionsAsked asked = new PositionsAsked(regions, directory, "west", "east", TOPICS);
        List<String> groups = new ArrayList<>();
        int checked = 0;
        for (int group = 0; group < GROUPS; group++) {
            groups.add("flights-set-" + group);
            checked += asked.assertTheEndpointIsExact(positions(regions, "west", "flights-set-" + group));
        }
        checked += asked.assertTheCommandIsExact(groups, checked);
        PROGRESS.line(checked + " positions are translated exactly after the failback");
    }

    private static Optional<String> first(LinearScan scan, PartitionKey partition, Map<PartitionKey, Long> positions) {
        long position = Objects.requireNonNull(positions.get(partition));
        return scan.of(partition).stream()
                .filter(record -> record.offset() >= position)
                .map(record -> new String(record.value(), StandardCharsets.UTF_8))
                .findFirst();
    }

    private static Map<PartitionKey, Long> positions(TwoRegions regions, String region, String group) throws Exception {
        Map<PartitionKey, Long> positions = new TreeMap<>();
        try (Admin admin = Admin.create(regions.kafka(region).client(Principal.ADMIN))) {
            admin.listConsumerGroupOffsets(group)
                    .partitionsToOffsetAndMetadata()
                    .get()
                    .forEach((partition, position) -> positions.put(
                            new PartitionKey(partition.topic(), partition.partition()), position.offset()));
        }
        return positions;
    }

    private static LinearScan scan(TwoRegions regions, String region) {
        return LinearScan.of(regions.kafka(region).client(Principal.ADMIN), TOPICS);
    }

    /** The values on a region and where they are; fails if one is there twice. */
    private static Map<String, String> onlyOnce(TwoRegions regions, String region) throws IOException {
        Map<String, String> values = new HashMap<>();
        scan(regions, region)
                .records()
                .forEach((partition, records) -> records.forEach(record -> {
                    String value = new String(record.value(), StandardCharsets.UTF_8);
                    String place = partition + " offset " + record.offset();
                    String before = values.put(value, place);
                    if (before != null) {
                        throw new AssertionError(
                                "twice on " + region + ": " + value + " at " + before + " and at " + place);
                    }
                }));
        return values;
    }

    private static void assertAccounted(
            Set<String> acked, Map<String, String> there, Map<String, String> ledgers, Map<String, String> east) {
        Set<String> lost = new TreeSet<>(acked);
        lost.removeAll(there.keySet());
        PROGRESS.line(acked.size() + " acknowledged, " + there.size() + " in the end on west, " + lost.size()
                + " of them not, " + ledgers.size() + " in ledgers");
        Map<String, String> unlisted = new TreeMap<>();
        lost.stream()
                .filter(value -> !ledgers.containsKey(value))
                .forEach(value -> unlisted.put(value, "on east: " + east.get(value)));
        assertThat(unlisted).as("lost, and in no ledger: " + unlisted).isEmpty();
        Map<String, String> twice = new TreeMap<>();
        ledgers.keySet().stream()
                .filter(there::containsKey)
                .forEach(value -> twice.put(value, ledgers.get(value) + "; on west: " + there.get(value)));
        assertThat(twice).as("in a ledger, and on west: " + twice).isEmpty();
        for (String leg : List.of("first", "second", "third")) {
            assertThat(there.keySet().stream()
                            .filter(value -> value.startsWith(leg))
                            .count())
                    .as("records of the " + leg + " leg")
                    .isGreaterThanOrEqualTo(RECORDS);
        }
    }
}
