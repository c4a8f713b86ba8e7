package io.breakwater.local.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.local.process.Progress;
import io.breakwater.local.server.Principal;
import io.breakwater.platform.PartitionKey;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
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
    private static final int GROUPS = 8;

    @TempDir
    private Path directory;

    @Test
    void eachRecordIsExactlyOnceWhereItEndsOrInALedger() throws Exception {
        try (TwoRegions regions = new TwoRegions(directory)) {
            regions.start(PROGRESS);
            Set<String> acked = new HashSet<>();
            Map<String, String> lost = new HashMap<>();

            acked.addAll(Legs.traffic(regions, "east", "west", "first", () -> regions.kill("east")));
            Moves.move(regions, "failover");
            regions.restart("east", PROGRESS);
            lost.putAll(Legs.ledger(regions, 2));
            Moves.awaitFlow(regions);

            acked.addAll(Legs.traffic(regions, "west", "east", "second", () -> {
                setSomePositions(regions, "west");
                Moves.move(regions, "failback");
            }));
            assertSamePlaces(regions);
            assertTranslated(regions);
            assertThat(Legs.ledger(regions, 3)).as("what a failback has lost").isEmpty();
            Moves.awaitFlow(regions);

            acked.addAll(Legs.traffic(regions, "east", "west", "third", () -> regions.kill("east")));
            Moves.move(regions, "failover");
            regions.restart("east", PROGRESS);
            lost.putAll(Legs.ledger(regions, 4));

            assertAccounted(acked, Legs.onlyOnce(regions, "west"), lost, Legs.onlyOnce(regions, "east"));
        }
    }

    /** Groups that were never members of anything, anywhere in what both regions have, and at the end. */
    private static void setSomePositions(TwoRegions regions, String region) throws Exception {
        Random random = new Random(5);
        LinearScan scan = Legs.scan(regions, region);
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
        LinearScan west = Legs.scan(regions, "west");
        LinearScan east = Legs.scan(regions, "east");
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
        assertThat(checked).isEqualTo(GROUPS * Legs.TOPICS.size() * TwoRegions.PARTITIONS);
        PROGRESS.line(checked + " positions are exact after the failback");
    }

    /** After the failback, while the region that was left lives: both that translate for people say the same places. */
    private void assertTranslated(TwoRegions regions) throws Exception {
        PositionsAsked asked = new PositionsAsked(regions, directory, "west", "east", Legs.TOPICS);
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
                    .isGreaterThanOrEqualTo(Legs.RECORDS);
        }
    }
}
