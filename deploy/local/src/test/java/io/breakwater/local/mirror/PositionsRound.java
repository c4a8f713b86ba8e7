package io.breakwater.local.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.breakwater.controller.runbook.steps.FenceMirrorStep;
import io.breakwater.controller.runbook.steps.RecordSegmentsStep;
import io.breakwater.controller.runbook.steps.TranslateGroupsStep;
import io.breakwater.local.process.Progress;
import io.breakwater.local.server.Principal;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.region.RegionClients;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * One random run: two clusters, mixed topics under traffic, groups at random places, MirrorMaker's own group sync beside
 * ours, kill -9 of the source, and what became of every position. A seed repeats topics, choices and places; timing is
 * the machine's.
 */
final class PositionsRound {

    private static final Duration SOON = Duration.ofMinutes(3);
    private static final int MIRRORED = 250;
    private static final int STEP = 10;
    private static final String OURS = "flights-set-";

    private final Random random;
    private final long seed;
    private final int groups;
    private final Progress progress;
    private final List<MixedTopic> topics;
    /** What was committed last on the source, of each of our groups. */
    private final SortedMap<String, SortedMap<PartitionKey, Long>> committed = new TreeMap<>();

    PositionsRound(long seed, int groups, Progress progress) {
        this.random = new Random(seed);
        this.seed = seed;
        this.groups = groups;
        this.progress = progress;
        this.topics = MixedTopic.some(random);
    }

    PositionsOutcome run(Path directory) throws Exception {
        progress.line("seed " + seed + ": " + topics);
        try (MirrorPair pair = new MirrorPair(directory)) {
            pair.start(progress);
            try (Admin east = Admin.create(pair.east.client(Principal.ADMIN));
                    Admin west = Admin.create(pair.west.client(Principal.ADMIN))) {
                east.createTopics(topics.stream().map(MixedTopic::newTopic).toList())
                        .all()
                        .get();
                pair.startFlow();
                try (MixedTraffic traffic = new MixedTraffic(pair.east, topics, seed)) {
                    awaitMirrored(pair, traffic);
                    trim(pair, east, west);
                    PositionChoice choice = new PositionChoice(random, east, traffic);
                    for (int group = 0; group < 2 * groups; group++) {
                        place(east, choice, group % groups);
                    }
                    CheckpointPeer.start(pair);
                    awaitKnown(pair, west);
                    trim(pair, east, west);
                    long killAt = System.nanoTime()
                            + Duration.ofMillis(1_000 + random.nextInt(3_000)).toNanos();
                    while (System.nanoTime() < killAt) {
                        advance(east, 2 * random.nextInt(groups / 2));
                    }
                    pair.east.kill();
                    progress.line("east is dead; positions were chosen at " + choice.kinds());
                    return outcome(pair, west, traffic, choice);
                }
            }
        }
    }

    /** Until there is something to search in, and compaction has taken what was on the standby before. */
    private void awaitMirrored(MirrorPair pair, MixedTraffic traffic) {
        List<String> names = topics.stream().map(MixedTopic::name).toList();
        Map<PartitionKey, Set<Long>> seen = new HashMap<>();
        await().atMost(SOON)
                .pollInterval(Duration.ofSeconds(1))
                .ignoreExceptions()
                .until(() -> {
                    LinearScan west = LinearScan.of(pair.west.client(Principal.ADMIN), names);
                    west.records()
                            .forEach((partition, records) ->
                                    records.forEach(record -> seen.computeIfAbsent(partition, p -> new HashSet<>())
                                            .add(record.offset())));
                    return topics.stream()
                            .allMatch(topic -> topic.partitions().stream().allMatch(partition -> {
                                int known =
                                        seen.getOrDefault(partition, Set.of()).size();
                                return known >= MIRRORED
                                        && (!topic.compacted()
                                                || west.of(partition).size() < known)
                                        && (!topic.transactional()
                                                || !traffic.aborted(partition).isEmpty());
                            }));
                });
        progress.line(traffic.offsets().size() + " records acknowledged, the standby's copies are compacted");
    }

    /** On the source up to somewhere in what is mirrored, on the standby somewhere else. */
    private void trim(MirrorPair pair, Admin east, Admin west) throws Exception {
        List<MixedTopic> trimmed = topics.stream().filter(MixedTopic::trimmed).toList();
        LinearScan copies = LinearScan.of(
                pair.west.client(Principal.ADMIN),
                trimmed.stream().map(MixedTopic::name).toList());
        Map<TopicPartition, RecordsToDelete> onEast = new HashMap<>();
        Map<TopicPartition, RecordsToDelete> onWest = new HashMap<>();
        copies.records().forEach((partition, records) -> {
            int cut = records.size() / 2;
            if (cut > 0) {
                onEast.put(
                        kafkas(partition),
                        RecordsToDelete.beforeOffset(LinearScan.stamp(records.get(1 + random.nextInt(cut)))));
                onWest.put(
                        kafkas(partition),
                        RecordsToDelete.beforeOffset(
                                records.get(random.nextInt(cut)).offset()));
            }
        });
        east.deleteRecords(onEast).all().get();
        west.deleteRecords(onWest).all().get();
    }

    /** All partitions of a group go somewhere, and if they are somewhere already, some go elsewhere. */
    private void place(Admin east, PositionChoice choice, int group) throws Exception {
        SortedMap<PartitionKey, Long> known = committed.getOrDefault(OURS + group, new TreeMap<>());
        SortedMap<PartitionKey, Long> places = new TreeMap<>();
        for (MixedTopic topic : topics) {
            for (PartitionKey partition : topic.partitions()) {
                if (known.isEmpty() || random.nextInt(3) == 0) {
                    places.put(partition, choice.next(partition));
                }
            }
        }
        commit(east, group, places);
    }

    /** As members do, until the cluster dies; every other group stays where it was placed. */
    private void advance(Admin east, int group) throws Exception {
        SortedMap<PartitionKey, Long> places = new TreeMap<>();
        committed.getOrDefault(OURS + group, new TreeMap<>()).forEach((partition, position) -> {
            if (random.nextInt(3) == 0) {
                places.put(partition, position + random.nextInt(STEP));
            }
        });
        commit(east, group, places);
    }

    /** The group and its twin for MirrorMaker. */
    private void commit(Admin east, int group, SortedMap<PartitionKey, Long> places) throws Exception {
        Map<TopicPartition, OffsetAndMetadata> positions = new HashMap<>();
        places.forEach((partition, offset) -> positions.put(kafkas(partition), new OffsetAndMetadata(offset)));
        for (String name : List.of(OURS + group, CheckpointPeer.PREFIX + group)) {
            east.alterConsumerGroupOffsets(name, positions).all().get();
        }
        committed.computeIfAbsent(OURS + group, name -> new TreeMap<>()).putAll(places);
    }

    private void awaitKnown(MirrorPair pair, Admin west) {
        await().atMost(SOON)
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> MirrorPositionsIT.committed(MirrorPositionsIT.receipts(pair)).keySet().stream()
                                .filter(name -> name.startsWith(OURS))
                                .count()
                        == groups);
        await().atMost(SOON)
                .until(() -> west.listGroups().all().get().stream()
                        .anyMatch(group -> group.groupId().startsWith(CheckpointPeer.PREFIX)));
        progress.line("all groups are on the standby, and some that MirrorMaker has brought");
    }

    /** As a failover does it; then the source is started again, for its records only. */
    private PositionsOutcome outcome(MirrorPair pair, Admin west, MixedTraffic traffic, PositionChoice choice)
            throws Exception {
        List<String> names = topics.stream().map(MixedTopic::name).toList();
        SortedMap<String, OffsetVector> arrived;
        try (RegionClients clients = new RegionClients(pair.platform, Duration.ofSeconds(10))) {
            StepRunContext steps = new StepRunContext(pair.platform, MirrorPair.FLOW);
            steps.receipts(MirrorPositionsIT.receipts(pair));
            arrived = MirrorPositionsIT.committed(steps.receipts());
            steps.run(new FenceMirrorStep(clients));
            steps.run(new RecordSegmentsStep(clients));
            steps.run(new TranslateGroupsStep(clients));
        }
        traffic.close();
        LinearScan copies = LinearScan.of(pair.west.client(Principal.ADMIN), names);
        pair.east.start(progress);
        LinearScan originals = LinearScan.of(pair.east.client(Principal.ADMIN), names);
        MirroredIds ids = new MirroredIds(traffic.offsets(), originals, copies);
        PositionsOutcome outcome = new PositionsOutcome(choice.kinds());
        for (Map.Entry<String, SortedMap<PartitionKey, Long>> group : committed.entrySet()) {
            OffsetVector known = arrived.getOrDefault(group.getKey(), OffsetVector.EMPTY);
            Map<PartitionKey, Long> ours = positions(west, group.getKey());
            Map<PartitionKey, Long> peers = positions(west, group.getKey().replace(OURS, CheckpointPeer.PREFIX));
            group.getValue().forEach((partition, source) -> {
                String place = "seed " + seed + ", " + group.getKey() + " on " + partition;
                assertThat(ours).as(place).containsKey(partition);
                assertThat(known.end(partition)).as(place).isPresent();
                outcome.ours(
                        place, ids, partition, known.end(partition).orElseThrow(), ours.getOrDefault(partition, -1L));
                outcome.atLastCommit(ids, partition, source, ours, peers);
            });
        }
        return outcome;
    }

    private static Map<PartitionKey, Long> positions(Admin cluster, String group) throws Exception {
        Map<PartitionKey, Long> positions = new HashMap<>();
        cluster.listConsumerGroupOffsets(group)
                .partitionsToOffsetAndMetadata()
                .get()
                .forEach((partition, position) -> {
                    if (position != null) {
                        positions.put(new PartitionKey(partition.topic(), partition.partition()), position.offset());
                    }
                });
        return positions;
    }

    private static TopicPartition kafkas(PartitionKey partition) {
        return new TopicPartition(partition.topic(), partition.partition());
    }
}
